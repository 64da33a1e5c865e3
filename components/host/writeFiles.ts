import { dockerCommand } from "../docker.ts";
import { archive } from "./archive.ts";
import { FILES_DIRECTORY } from "./containerFiles.ts";

/** A volume for the files of a container, and whose they are to be. */
export interface FilesVolume {
  /** Endpoint of the engine. */
  docker: string;
  /** Its name there. */
  volume: string;
  /** The container's image, by name or id, and its user. */
  image: string;
  user: string;
}

/**
 * Writes files (contents by path, below `/run/acgs`) by a container of the same image that has nothing but the volume, as
 * the user that will read them: so they are that user's, whatever its number in the image.
 */
export async function writeFiles(
  { docker, volume, image, user }: FilesVolume,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const relative = Object.entries(files).map(([path, content]) => {
    if (!path.startsWith(`${FILES_DIRECTORY}/`)) throw new Error(`${path} is not below ${FILES_DIRECTORY}.`);
    return [path.slice(FILES_DIRECTORY.length + 1), content] as const;
  });
  const args = [
    ...["run", "--rm", "--interactive", "--network", "none", "--user", user, "--read-only"],
    ...["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--log-driver", "none"],
    ...["--volume", `${volume}:${FILES_DIRECTORY}`, "--entrypoint", "tar", image],
    ...["--extract", "--no-same-owner", `--directory=${FILES_DIRECTORY}`],
  ];
  await dockerCommand(docker, args, await archive(Object.fromEntries(relative)));
}

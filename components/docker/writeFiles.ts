import { dockerCommand } from "../../lib/docker.ts";
import { archive } from "./archive.ts";
import { FILES_DIRECTORY } from "./containerFiles.ts";

/** A volume for the files of a container, and whose they are to be. */
export interface FilesVolume {
  /** Endpoint of the engine. */
  docker: string;
  /** Its name there. */
  volume: string;
  /** The container's image, by name or id: a new volume takes over its folder's owner. */
  image: string;
  /** Number of the container's user and of its group. */
  user: number;
}

/**
 * Writes files (contents by path, below `/run/acgs`) through a container of the same image that has nothing but the volume
 * and is never started: no process, no open stream that an interrupted update would leave behind.
 */
export async function writeFiles(
  { docker, volume, image, user }: FilesVolume,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const relative = Object.entries(files).map(([path, content]) => {
    if (!path.startsWith(`${FILES_DIRECTORY}/`)) throw new Error(`${path} is not below ${FILES_DIRECTORY}.`);
    return [path.slice(FILES_DIRECTORY.length + 1), content] as const;
  });
  const content = await archive(Object.fromEntries(relative), user);
  // operations/recovery knows it by this name, where an update was ended before it could remove it.
  const writer = `${volume}-writer`;
  const create = () =>
    dockerCommand(docker, [
      ...["create", "--name", writer, "--network", "none"],
      ...["--volume", `${volume}:${FILES_DIRECTORY}`, image],
    ]);
  // With its anonymous volumes, which an image may ask for; never the one that it wrote to, which has a name.
  const remove = () => dockerCommand(docker, ["rm", "--force", "--volumes", writer]);
  await create().catch(async (error: Error) => {
    if (!error.message.includes("is already in use")) throw error;
    await remove(); // an interrupted update's
    await create();
  });
  try {
    await dockerCommand(docker, ["cp", "-", `${writer}:${FILES_DIRECTORY}`], content);
  } finally {
    await remove();
  }
}

import { createContainer, putArchive, removeContainer } from "../../lib/docker/containers.ts";
import { Conflict } from "../../lib/docker/errors.ts";
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
  const writer = { docker, container: `${volume}-writer` };
  const config = {
    Image: image,
    HostConfig: { NetworkMode: "none", Binds: [`${volume}:${FILES_DIRECTORY}`] },
  };
  try {
    await createContainer(writer, config);
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    await removeContainer(writer); // an interrupted update's
    await createContainer(writer, config);
  }
  try {
    await putArchive(writer, FILES_DIRECTORY, content);
  } finally {
    // With its anonymous volumes, which an image may ask for; never the one that it wrote to, which has a name.
    await removeContainer(writer);
  }
}

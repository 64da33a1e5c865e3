import { dirname } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";

/**
 * A tar archive of these files (contents by relative path), readable by their owner alone, and their folders.
 *
 * @param user  number of the owner, and of its group
 */
export async function archive(files: Readonly<Record<string, string>>, user: number): Promise<Buffer> {
  const owner = { uid: user, gid: user };
  const tar = pack();
  const folders = new Set(Object.keys(files).map((path) => dirname(path)));
  for (const name of [...folders].filter((folder) => folder !== ".").sort()) {
    tar.entry({ name, type: "directory", mode: 0o700, ...owner });
  }
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mode: 0o600, ...owner }, content);
  tar.finalize();
  return buffer(tar);
}

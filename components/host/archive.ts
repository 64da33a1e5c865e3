import { dirname } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";

/** A tar archive of these files (contents by relative path), readable by their owner alone, and their folders. */
export async function archive(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const tar = pack();
  const folders = new Set(Object.keys(files).map((path) => dirname(path)));
  for (const name of [...folders].filter((folder) => folder !== ".").sort()) {
    tar.entry({ name, type: "directory", mode: 0o700 });
  }
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mode: 0o600 }, content);
  tar.finalize();
  return buffer(tar);
}

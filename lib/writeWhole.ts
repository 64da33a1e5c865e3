import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";

/**
 * Replaces a file in one step: who reads it meanwhile, or after a power failure, sees the old text or the new, never half.
 *
 * @param mode  of the file, as for open(2)
 */
export function writeWhole(file: string, text: string, mode = 0o666): void {
  const scratch = `${file}.${process.pid}`;
  const descriptor = openSync(scratch, "w", mode);
  try {
    writeFileSync(descriptor, text);
    // A file system may note the name before the content.
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(scratch, file);
}

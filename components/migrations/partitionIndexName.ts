import { createHash } from "node:crypto";

/** The longest name that PostgreSQL keeps, in bytes. */
const LONGEST_NAME = 63;

/**
 * The name of a partition's index: `<partition>_<index>`, such as `dgm_archive_y2025m06_idx_dgm_archive_status`.
 * A name of more than 63 bytes is cut to 54 and gets `_` and eight hex digits of the whole name's SHA-256.
 */
export function partitionIndexName(partition: string, index: string): string {
  const name = `${partition}_${index}`;
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  let cut = name;
  while (Buffer.byteLength(cut) > LONGEST_NAME - 9) cut = Array.from(cut).slice(0, -1).join("");
  return `${cut}_${digest}`;
}

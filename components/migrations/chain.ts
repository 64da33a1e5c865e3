import { sha256 } from "./sqlFile.ts";

/** The link before the first versioned file. */
export const CHAIN_START = "0".repeat(64);

/**
 * The next link of the chain over a schema's versioned files: each link covers the one before, the file's
 * name and its content. Who edits the history of the ledger has to forge every later link as well.
 */
export function chainLink(previous: string, file: { name: string; sha256: string }): string {
  return sha256(`${previous}\n${file.name}\n${file.sha256}\n`);
}

import { historyFaults, SqlFilesError } from "./fileFaults.ts";
import { versionText } from "./fileNames.ts";
import { checkChain } from "./ledger.ts";
import type { LedgerRow } from "./ledger.ts";
import type { SqlFile } from "./sqlFile.ts";

/**
 * The files that have to run, in order, given what the ledger holds.
 *
 * @param again  repeatable files that run although the ledger holds them: what they made is gone
 * @throws SqlFilesError naming every fault: edited or disappeared versioned files, a versioned file that comes
 *         before one that was applied, a ledger that was changed by hand
 */
export function filesToRun(
  files: SqlFile[],
  ledger: LedgerRow[],
  where: string,
  again: readonly string[] = [],
): SqlFile[] {
  const faults = historyFaults(files, ledger);
  const { broken } = checkChain(ledger);
  if (broken !== undefined) {
    faults.push(
      `deploy.ledger was changed by hand: the chain of hashes breaks at ${broken}. Restore the table from a ` +
        `backup, or find out who changed which line and why`,
    );
  }
  const known = new Map(ledger.map((row) => [row.file, row.sha256]));
  const newest = Math.max(
    0,
    ...files.map((file) =>
      file.place.kind === "versioned" && known.has(file.name) ? file.place.version : 0,
    ),
  );
  const isLost = (file: SqlFile) => file.place.kind === "repeatable" && again.includes(file.name);
  const changed = files.filter((file) => known.get(file.name) !== file.sha256 || isLost(file));
  // A file may run again as it is, where its line in the ledger was lost: those that run last follow it all the same.
  const pending = changed.length > 0 ? files.filter((file) => file.last || changed.includes(file)) : [];
  for (const file of pending) {
    if (file.place.kind !== "versioned" || known.has(file.name) || file.place.version > newest) continue;
    faults.push(
      `${file.name} is new, but V${versionText(newest)} was applied already: give it the next free number`,
    );
  }
  if (faults.length > 0) throw new SqlFilesError(where, faults);
  return pending;
}

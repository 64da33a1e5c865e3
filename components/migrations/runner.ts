import os from "node:os";
import { applyConcurrently } from "./concurrentFile.ts";
import { chainLink, checkChain, ledgerQuery, ledgerSetup } from "./ledger.ts";
import type { LedgerRow } from "./ledger.ts";
import { DEFAULT_PROGRESS } from "./progress.ts";
import { RUNNER_LOCK } from "./runContext.ts";
import type { ProgressPolicy } from "./runContext.ts";
import { DEFAULT_RETRY, isPassing } from "./retry.ts";
import type { RetryPolicy } from "./retry.ts";
import type { RunContext } from "./runContext.ts";
import { closeSession, countCommands, inSession, openSession } from "../../lib/postgres/session.ts";
import type { SqlConnection } from "../../lib/postgres/session.ts";
import { historyFaults, SqlFilesError } from "./sqlDirectory.ts";
import { versionText } from "./sqlFile.ts";
import type { Settings, SqlFile } from "./sqlFile.ts";
import { applyInTransactions } from "./transactionalFile.ts";
import type { PendingFile } from "./transactionalFile.ts";

export interface SqlRun {
  connection: SqlConnection;
  /** The ledger's key, and in most cases the schema that the files fill. */
  schema: string;
  /** The files' directory, for messages: `sql/dgm`. */
  where: string;
  /** All files of the schema, as `sqlFiles` gives them. */
  files: SqlFile[];
  settings: Settings;
  /** Repeatable files that run although they are applied: what they made is gone. */
  force?: readonly string[];
  /** @default acgs_owner */
  owner?: string;
  retry?: Partial<RetryPolicy>;
  progress?: Partial<ProgressPolicy>;
  /** How long to wait in ms for a server that is starting or failing over. @default 60 s */
  connectPatienceMs?: number;
  /** How long to wait in ms for another runner. @default 30 min */
  runnerPatienceMs?: number;
  log?: (line: string) => void;
}

/** A file in the ledger. */
export interface AppliedFile {
  file: string;
  sha256: string;
}

/**
 * Applies the files of one schema that the ledger does not hold, each with its line in the ledger. Runners of
 * one database wait for each other.
 *
 * @returns the files of this run, and all applied ones that are still there, in the order of their first run
 * @throws SqlFilesError before anything is applied, when files and ledger do not fit together
 * @throws SqlFileError when the server refuses a file: what was applied before it stays, and is not run again
 */
export async function runSqlFiles(run: SqlRun): Promise<{ ran: string[]; applied: AppliedFile[] }> {
  const log = run.log ?? (() => undefined);
  const owner = run.owner ?? "acgs_owner";
  const client = await openSession(run.connection, { patienceMs: run.connectPatienceMs ?? 60_000, log });
  try {
    const context: RunContext = {
      client,
      schema: run.schema,
      where: run.where,
      owner,
      settings: run.settings,
      retry: { ...DEFAULT_RETRY, ...run.retry },
      progress: { ...DEFAULT_PROGRESS, ...run.progress },
      openSecondSession: () =>
        openSession(run.connection, { applicationName: "acgs-db SQL runner, progress" }),
      appliedBy: operator(),
      log,
    };
    countCommands(client);
    client.on("notice", (notice) => {
      if (notice.severity === "WARNING") log(`${run.where}: WARNING: ${notice.message}`);
    });
    const ledger = await lockAndRead(context, run.runnerPatienceMs ?? 1_800_000);
    const pending = filesToRun(run.files, ledger, run.where, run.force);
    let start = performance.now();
    const applied = (file: SqlFile): void => {
      const end = performance.now();
      log(`${run.where}/${file.name}: applied in ${((end - start) / 1000).toFixed(2)} s`);
      start = end;
    };
    for (const group of inGroups(pending, checkChain(ledger).last)) {
      if (group[0]?.file.concurrent) {
        await applyConcurrently(context, group[0].file, group[0].chain);
        applied(group[0].file);
      } else {
        await applyInTransactions(context, group, applied);
      }
    }
    return { ran: pending.map((file) => file.name), applied: appliedFiles(run.files, ledger, pending) };
  } finally {
    // The end of the session gives the advisory lock back.
    await closeSession(client);
  }
}

/** Takes the lock, makes the ledger where it is missing, and reads it: one round trip when nobody is before us. */
async function lockAndRead(context: RunContext, patienceMs: number): Promise<LedgerRow[]> {
  const message = (lockTimeoutMs: number): string =>
    [
      "SET statement_timeout = 0",
      `SET lock_timeout = ${lockTimeoutMs}`,
      `SELECT pg_catalog.pg_advisory_lock(${RUNNER_LOCK})`,
      ledgerSetup(context.owner),
      ledgerQuery(context.schema),
    ].join(";\n");
  const read = async (lockTimeoutMs: number): Promise<LedgerRow[]> => {
    const results = (await context.client.query(message(lockTimeoutMs))) as unknown as {
      rows: LedgerRow[];
    }[];
    return results.at(-1)!.rows;
  };
  try {
    return await read(1_000);
  } catch (error) {
    if (!isPassing(error)) throw explained(error as Error & { code?: string }, context.owner);
  }
  context.log(`${context.where}: another SQL runner is at work on this database, waiting for it`);
  try {
    return await read(patienceMs);
  } catch (error) {
    if (!isPassing(error)) throw explained(error as Error & { code?: string }, context.owner);
    throw new Error(
      `another SQL runner has been at work on this database for ${Math.round(patienceMs / 1000)} s. Its session ` +
        `is called "acgs-db SQL runner" in pg_stat_activity; run up again when it is through`,
      { cause: error },
    );
  }
}

function explained(error: Error & { code?: string }, owner: string): Error {
  if (error.code === "25006") {
    return new Error(
      "the server is read-only: this is a replica, or no leader has been elected. Run up again",
      {
        cause: error,
      },
    );
  }
  if (error.code === "42704" && error.message.includes(owner)) {
    return new Error(`${error.message}: the roles come before the SQL files`, { cause: error });
  }
  return error;
}

/**
 * The files that have to run, in order, given what the ledger holds.
 *
 * @param force  repeatable files that run although the ledger holds them: what they made is gone
 * @throws SqlFilesError naming every fault: edited or disappeared versioned files, a versioned file that comes
 *         before one that was applied, a ledger that was changed by hand
 */
export function filesToRun(
  files: SqlFile[],
  ledger: LedgerRow[],
  where: string,
  force: readonly string[] = [],
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
  const newest = Math.max(0, ...files.map(({ name, version = 0 }) => (known.has(name) ? version : 0)));
  const isForced = (file: SqlFile) => file.version === undefined && force.includes(file.name);
  const changed = files.filter((file) => known.get(file.name) !== file.sha256 || isForced(file));
  // A file may run again as it is, where its line in the ledger was lost: those that run last follow it all the same.
  const pending = changed.length > 0 ? files.filter((file) => file.last || changed.includes(file)) : [];
  for (const file of pending) {
    faults.push(...file.refused);
    if (file.version === undefined || known.has(file.name) || file.version > newest) continue;
    faults.push(
      `${file.name} is new, but V${versionText(newest)} was applied already: give it the next free number`,
    );
  }
  if (faults.length > 0) throw new SqlFilesError(where, faults);
  return pending;
}

/** The files with their links: a concurrent one alone, transactional ones that follow each other together. */
function inGroups(files: SqlFile[], last: string): PendingFile[][] {
  const groups: PendingFile[][] = [];
  for (const file of files) {
    const chain = chainLink(last, file);
    if (file.version !== undefined) last = chain;
    const group = groups.at(-1);
    if (group && !file.concurrent && !group[0]?.file.concurrent) group.push({ file, chain });
    else groups.push([{ file, chain }]);
  }
  return groups;
}

/** No such database, schema or table: nothing was ever applied there. */
const NO_LEDGER = new Set(["3D000", "3F000", "42P01"]);

/** What the ledger of a schema holds; nothing where there is no ledger yet. */
export async function readLedger(connection: SqlConnection, schema: string): Promise<AppliedFile[]> {
  try {
    const { rows } = await inSession(connection, (client) => client.query<LedgerRow>(ledgerQuery(schema)));
    return rows.map(({ file, sha256 }) => ({ file, sha256 }));
  } catch (error) {
    const { code } = ((error as Error).cause ?? error) as { code?: string };
    if (NO_LEDGER.has(code ?? "")) return [];
    throw error;
  }
}

/** The ledger's latest state without reading it again: what ran now stands behind, or in the place of, the old. */
function appliedFiles(files: SqlFile[], ledger: LedgerRow[], ran: SqlFile[]): AppliedFile[] {
  const state = new Map(ledger.map(({ file, sha256 }) => [file, sha256]));
  for (const file of ran) state.set(file.name, file.sha256);
  const there = new Set(files.map((file) => file.name));
  return [...state].filter(([file]) => there.has(file)).map(([file, sha256]) => ({ file, sha256 }));
}

/** Who runs this, for the ledger: user and machine. */
function operator(): string {
  let user = "unknown";
  try {
    user = os.userInfo().username;
  } catch {
    // A container's user may have no name.
  }
  return `${user}@${os.hostname()}`;
}

import type pg from "pg";
import os from "node:os";
import { chainLink } from "./chain.ts";
import { applyConcurrently } from "./concurrentFile.ts";
import { checkChain, ledgerQuery, ledgerSetup } from "./ledger.ts";
import type { LedgerRow } from "./ledger.ts";
import { filesToRun } from "./plan.ts";
import { DEFAULT_RETRY, isPassing } from "./retry.ts";
import type { RetryPolicy } from "./retry.ts";
import type { RunContext } from "./runContext.ts";
import { commandCounter, openSession } from "./session.ts";
import type { SqlConnection } from "./session.ts";
import type { Settings } from "./settings.ts";
import type { SqlFile } from "./sqlFile.ts";
import { applyInTransaction } from "./transactionalFile.ts";

export interface SqlRun {
  connection: SqlConnection;
  password: string;
  /** The ledger's key, and in most cases the schema that the files fill. */
  schema: string;
  /** The files' directory, for messages: `sql/dgm`. */
  where: string;
  /** All files of the schema, as `sqlFiles` gives them. */
  files: SqlFile[];
  settings: Settings;
  /** @default acgs_owner */
  owner?: string;
  retry?: Partial<RetryPolicy>;
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

/** One lock for all schemas of a database; the number is `acgs` in ASCII. */
const RUNNER_LOCK = 0x61636773;

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
  const client = await openSession(run.connection, run.password, run.connectPatienceMs ?? 60_000, log);
  try {
    const context: RunContext = {
      client,
      counter: commandCounter(client),
      schema: run.schema,
      where: run.where,
      owner,
      settings: run.settings,
      retry: { ...DEFAULT_RETRY, ...run.retry },
      appliedBy: operator(),
      log,
    };
    client.on("notice", (notice) => {
      if (notice.severity === "WARNING") log(`${run.where}: WARNING: ${notice.message}`);
    });
    const ledger = await lockAndRead(context, run.runnerPatienceMs ?? 1_800_000);
    const pending = filesToRun(run.files, ledger, run.where);
    let { last } = checkChain(ledger);
    for (const file of pending) {
      const start = performance.now();
      const link = chainLink(last, file);
      await (file.concurrent ? applyConcurrently : applyInTransaction)(context, file, link);
      if (file.place.kind === "versioned") last = link;
      log(`${run.where}/${file.name}: applied in ${((performance.now() - start) / 1000).toFixed(2)} s`);
    }
    return { ran: pending.map((file) => file.name), applied: appliedFiles(run.files, ledger, pending) };
  } finally {
    // The end of the session gives the advisory lock back.
    await client.end().catch(() => undefined);
  }
}

/** No such database, schema or table: nothing was ever applied there. */
const NO_LEDGER = new Set(["3D000", "3F000", "42P01"]);

/** What the ledger of a schema holds; nothing where there is no ledger yet. */
export async function readLedger(
  connection: SqlConnection,
  password: string,
  schema: string,
): Promise<AppliedFile[]> {
  let client: pg.Client | undefined;
  try {
    client = await openSession(connection, password, 0, () => undefined);
    const { rows } = await client.query<LedgerRow>(ledgerQuery(schema));
    return rows.map(({ file, sha256 }) => ({ file, sha256 }));
  } catch (error) {
    const { code } = ((error as Error).cause ?? error) as { code?: string };
    if (NO_LEDGER.has(code ?? "")) return [];
    throw error;
  } finally {
    await client?.end().catch(() => undefined);
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

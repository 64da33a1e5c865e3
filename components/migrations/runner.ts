import os from "node:os";
import { chainLink } from "./chain.ts";
import { applyConcurrently } from "./concurrentFile.ts";
import { checkChain, ledgerQuery } from "./ledger.ts";
import type { LedgerRow } from "./ledger.ts";
import { filesToRun } from "./plan.ts";
import { DEFAULT_PROGRESS } from "./progress.ts";
import type { ProgressPolicy } from "./runContext.ts";
import { DEFAULT_RETRY } from "./retry.ts";
import type { RetryPolicy } from "./retry.ts";
import type { RunContext } from "./runContext.ts";
import { lockAndRead } from "./runnerLock.ts";
import { closeSession, countCommands, inSession, openSession } from "../../lib/postgres/session.ts";
import type { SqlConnection } from "../../lib/postgres/session.ts";
import type { Settings } from "./settings.ts";
import type { SqlFile } from "./sqlFile.ts";
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
  again?: readonly string[];
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
    const pending = filesToRun(run.files, ledger, run.where, run.again);
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

/** The files with their links: a concurrent one alone, transactional ones that follow each other together. */
function inGroups(files: SqlFile[], last: string): PendingFile[][] {
  const groups: PendingFile[][] = [];
  for (const file of files) {
    const chain = chainLink(last, file);
    if (file.place.kind === "versioned") last = chain;
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

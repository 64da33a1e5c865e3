import pg from "pg";
import type { Statement } from "../../lib/sqlParser.ts";
import type { RetryPolicy } from "./retry.ts";
import type { Settings, SqlFile } from "./sqlFile.ts";
import { lockedTables } from "./statementLocks.ts";

/** When a statement that runs for long is told of. Times in ms. */
export interface ProgressPolicy {
  /** Before the first line, and between two lines at least. */
  everyMs: number;
  /** Lines come further apart as it goes on, a tenth of the time that has passed, but no further than this. */
  longestMs: number;
}

/** What the steps of one run share: one session, which holds the advisory lock. */
export interface RunContext {
  client: pg.Client;
  schema: string;
  /** The files' directory, for messages. */
  where: string;
  /** The role that owns all objects. */
  owner: string;
  settings: Settings;
  retry: RetryPolicy;
  progress: ProgressPolicy;
  /** For looking on while the first one is busy. */
  openSecondSession: () => Promise<pg.Client>;
  appliedBy: string;
  log: (line: string) => void;
}

/** A lock that is not had within this time is held by more than an ordinary write. */
const SHORTEST_LOCK_TIMEOUT_MS = 200;

/**
 * How long each of these statements may wait for a lock, in ms. They share the policy's time: while one waits,
 * writers queue behind what those before it have locked already.
 */
export function lockTimeoutMs(policy: RetryPolicy, statements: Statement[]): number {
  return lockTimeoutShare(policy, lockedTables(statements).length);
}

/** The same for a number of tables. */
export function lockTimeoutShare({ lockTimeoutMs: whole }: RetryPolicy, tables: number): number {
  const share = Math.floor(whole / Math.max(1, tables));
  return Math.min(whole, Math.max(SHORTEST_LOCK_TIMEOUT_MS, share));
}

/** The commands, one each, that give a file the session it may expect. */
export function fileSession(context: RunContext, file: SqlFile, scope: "LOCAL" | "SESSION"): string[] {
  const local = scope === "LOCAL";
  return [
    `SET ${scope} statement_timeout = 0`,
    `SET ${scope} idle_in_transaction_session_timeout = 0`,
    // The server stops when the runner is gone: else an orphan would go on, and keep the advisory lock.
    `SET ${scope} client_connection_check_interval = '5s'`,
    `SET ${scope} lock_timeout = ${lockTimeoutMs(context.retry, file.statements)}`,
    // After this time of waiting, an autovacuum that is in the way is ended; by default it is a second.
    `SET ${scope} deadlock_timeout = '100ms'`,
    ...Object.entries(context.settings).map(
      ([name, value]) =>
        `SELECT pg_catalog.set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, ${local})`,
    ),
    ...(file.superuser ? [] : [`SET ${scope} ROLE ${pg.escapeIdentifier(context.owner)}`]),
  ];
}

/** One lock for all schemas of a database; the number is `acgs` in ASCII. */
export const RUNNER_LOCK = 0x61636773;

/**
 * The commands, one each, that end a file: the first fails where the file has let go of the runner's lock or does not run
 * as whom it began, and after the others nothing that it set is left for the next one.
 */
export function fileEnd({ client, owner }: RunContext, { superuser }: SqlFile): string[] {
  const role = pg.escapeLiteral(superuser ? client.user! : owner);
  const check = `BEGIN
    IF current_user <> ${role} THEN
      RAISE EXCEPTION 'at its end the file runs as %, and began as %: let it take back its SET ROLE or SET SESSION AUTHORIZATION', current_user, ${role};
    END IF;
    IF NOT EXISTS (
      SELECT FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database
      WHERE d.datname = current_database() AND l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'advisory'
        AND l.classid = 0 AND l.objid = ${RUNNER_LOCK} AND l.objsubid = 1) THEN
      RAISE EXCEPTION 'the file has let go of the runner''s lock, so that another runner may have been at work: take pg_advisory_unlock_all() or the like out';
    END IF;
  END`;
  return [`DO ${pg.escapeLiteral(check)}`, ...SESSION_RESET];
}

const SESSION_RESET = [
  "RESET SESSION AUTHORIZATION",
  "RESET ROLE",
  "RESET ALL",
  "DEALLOCATE ALL",
  "CLOSE ALL",
  "UNLISTEN *",
  "DISCARD TEMP",
  "DISCARD SEQUENCES",
];

/** Writes why an attempt failed, and the oldest open transaction, which most often is the reason. */
export async function logRetry(
  context: RunContext,
  what: string,
  error: unknown,
  attempt: number,
  pauseMs: number,
): Promise<void> {
  const { rows } = await context.client.query<{ who: string }>(OLDEST_TRANSACTION);
  const oldest = rows[0] ? `; oldest transaction: ${rows[0].who}` : "";
  context.log(
    `${what}: ${(error as Error).message} (attempt ${attempt} of ${context.retry.attempts}, next in ` +
      `${(pauseMs / 1000).toFixed(1)} s)${oldest}`,
  );
}

const OLDEST_TRANSACTION = `
  SELECT format('pid %s, %s%s, %s for %s s', pid, usename, nullif(' by ' || application_name, ' by '), state,
                round(extract(epoch FROM clock_timestamp() - xact_start))) AS who
  FROM pg_catalog.pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND xact_start IS NOT NULL
  ORDER BY xact_start LIMIT 1`;

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import type pg from "pg";
import { sqlFiles } from "../../../components/migrations/sqlDirectory.ts";
import { runSqlFiles } from "../../../components/migrations/runner.ts";
import type { SqlRun } from "../../../components/migrations/runner.ts";
import { waitFor } from "../../../lib/wait.ts";
import type { TestDatabase } from "../../support/sqlDatabase.ts";

/** Short waits: tests make statements wait on purpose. */
export const QUICK = {
  lockTimeoutMs: 100,
  concurrentLockTimeoutMs: 20_000,
  attempts: 40,
  firstPauseMs: 50,
  longestPauseMs: 100,
};

/** Runs files given by name and text, as schema `app` of `sql/app`. */
export async function runFiles(
  database: TestDatabase,
  contents: Record<string, string>,
  options: Partial<SqlRun> = {},
): ReturnType<typeof runSqlFiles> {
  const settings = options.settings ?? {};
  return runSqlFiles({
    connection: database.connection,
    schema: "app",
    where: "sql/app",
    files: await sqlFiles(contents, "sql/app", settings),
    settings,
    retry: QUICK,
    ...options,
  });
}

/** The rows of a query as values; those of one column as plain ones. */
export async function rows(client: pg.Client, query: string, values: unknown[] = []): Promise<unknown[]> {
  const result = await client.query<unknown[]>({ text: query, values, rowMode: "array" });
  return result.rows.map((row) => (row.length === 1 ? row[0] : row));
}

export function ledgerFiles(client: pg.Client): Promise<unknown[]> {
  return rows(client, "SELECT file FROM deploy.ledger WHERE schema = 'app' ORDER BY id");
}

/** Waits until a query has a row: for what another session does. */
export async function until(client: pg.Client, query: string): Promise<unknown> {
  const look = async () => {
    const found = await rows(client, query);
    return found.length > 0 && { row: found[0] };
  };
  return (await waitFor(look, { within: 60_000, every: 10, what: query })).row;
}

/** Starts a runner in a process of its own, which a test may kill. */
export async function startRunner(
  database: TestDatabase,
  contents: Record<string, string>,
): Promise<ChildProcess> {
  const runner = spawn(process.execPath, [join(import.meta.dirname, "killedRunner.ts")], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const { connection } = database;
  const files = await sqlFiles(contents, "sql/app", {});
  const run: SqlRun = { connection, schema: "app", where: "sql/app", files, settings: {} };
  runner.stdin.end(JSON.stringify(run));
  return runner;
}

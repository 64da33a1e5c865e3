import { ledgerQuery, ledgerSetup } from "./ledger.ts";
import type { LedgerRow } from "./ledger.ts";
import { isPassing } from "./retry.ts";
import type { RunContext } from "./runContext.ts";

/** One lock for all schemas of a database; the number is `acgs` in ASCII. */
const RUNNER_LOCK = 0x61636773;

/** Takes the lock, makes the ledger where it is missing, and reads it: one round trip when nobody is before us. */
export async function lockAndRead(context: RunContext, patienceMs: number): Promise<LedgerRow[]> {
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

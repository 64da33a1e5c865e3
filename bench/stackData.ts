import { DATABASE } from "../lib/names.ts";
import { inSession } from "../lib/postgres/session.ts";
import { count } from "../lib/text/words.ts";
import { ENGINE } from "../testing/images.ts";
import { eventually } from "../testing/eventually.ts";
import { primaryOf } from "./chain.ts";
import type { RunningStack } from "./runningStack.ts";
import { fillStack as seedStack } from "../operations/seed/fillStack.ts";
import { LOOKUP_KEYS, SESSION_KEYS } from "./loads.ts";
import { sayProgress } from "./progress.ts";

/** Fills the tables of all services, and puts down the keys that the scripts look for. */
export async function fillStack(stack: RunningStack, rows: number): Promise<void> {
  const outputs = await stack.outputs();
  sayProgress(`${count(rows)} rows are filled in`);
  await seedStack(outputs, { rows });
  const primary = stack.container(await primaryOf(outputs));
  // As the superuser, which needs no password inside the container: services own no tables.
  await superuser(primary, [
    "DROP SCHEMA IF EXISTS bench CASCADE",
    "CREATE SCHEMA bench",
    "GRANT USAGE ON SCHEMA bench TO acgs_client",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA bench GRANT SELECT ON TABLES TO acgs_client",
    keys(
      "session_keys",
      SESSION_KEYS,
      `SELECT s.token_hash FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
       WHERE s.is_active AND s.expires_at > now() + interval '1 hour' AND u.is_active`,
    ),
    keys(
      "rule_keys",
      LOOKUP_KEYS,
      "SELECT DISTINCT resource_type, action FROM pgc.policy_rules WHERE is_active",
    ),
    keys("user_keys", LOOKUP_KEYS, "SELECT id AS user_id FROM auth.users"),
    "VACUUM ANALYZE",
    "CHECKPOINT",
  ]);
}

/** A table of so many rows of a query by number; where it has fewer, they come again. */
function keys(table: string, count: number, query: string): string {
  return `CREATE TABLE bench.${table} AS
    WITH picked AS (SELECT row_number() OVER () - 1 AS place, chosen.* FROM (
      SELECT * FROM (${query}) AS found ORDER BY random() LIMIT ${count}) AS chosen)
    SELECT n, picked.* FROM generate_series(1, ${count}) AS n
    JOIN picked ON place = n % (SELECT count(*) FROM picked);
    ALTER TABLE bench.${table} ADD PRIMARY KEY (n)`;
}

/** Does now what the server would do while it is measured: vacuum after what was written, a checkpoint. */
export async function settleStack(stack: RunningStack): Promise<void> {
  const primary = stack.container(await primaryOf(await stack.outputs()));
  await superuser(primary, ["VACUUM", "CHECKPOINT"]);
  const workers =
    "SELECT FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' OR application_name = 'pg_cron'";
  await eventually("the server is at rest", async () => (await superuser(primary, [workers])).length === 0);
}

/** @returns the rows of the last statement */
async function superuser(container: string, statements: readonly string[]): Promise<unknown[]> {
  return inSession({ member: { docker: ENGINE, container }, database: DATABASE }, async (client) => {
    let rows: unknown[] = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  });
}

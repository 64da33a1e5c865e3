import { readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { FIRST_MONTH, LAST_MONTH, MOMENT } from "./moment.ts";

/**
 * What plans depend on, as a stack's members have it on an SSD (components/postgres), and nothing that works on its own:
 * between the last row and the last query the statistics stay as they are.
 */
const STILL = [
  "ALTER SYSTEM SET autovacuum = off",
  "ALTER SYSTEM SET random_page_cost = '1.1'",
  "ALTER SYSTEM SET effective_cache_size = '3GB'",
  "ALTER SYSTEM SET jit = off",
  // A plan with workers says the same on more lines.
  "ALTER SYSTEM SET max_parallel_workers_per_gather = 0",
  "SELECT pg_reload_conf()",
  "UPDATE cron.job SET active = false",
];

/** Of all partitioned tables, the months of the examples and no others: what is empty is planned as it comes. */
const MONTHS = `
  DO $$
  DECLARE
      policy platform.partition_policies;
      month record;
  BEGIN
      FOR policy IN SELECT * FROM platform.partition_policies ORDER BY schema_name, table_name LOOP
          PERFORM platform.ensure_months(policy, '${FIRST_MONTH}', '${LAST_MONTH}');
          FOR month IN
              SELECT partition FROM platform.month_partitions(format('%I.%I', policy.schema_name, policy.table_name)::regclass)
              WHERE lower_bound > '${LAST_MONTH} 00:00:00+00'
          LOOP
              EXECUTE format('DROP TABLE %s', month.partition);
          END LOOP;
      END LOOP;
  END
  $$`;

/** A database to which all SQL files were applied, on a server that nobody else uses. */
export interface AppliedDatabase {
  /** Opens a session, as the superuser unless another login is named. */
  connect(login?: string): Promise<pg.Client>;
}

/** Sessions that fill tables side by side. */
const SESSIONS = 2;

/** Fills the tables of these schemas with the rows of the examples. */
export async function prepareExamples(database: AppliedDatabase, schemas: readonly string[]): Promise<void> {
  const superuser = await database.connect();
  for (const statement of STILL) await superuser.query(statement);
  await superuser.query("SET timezone = 'UTC'");
  await superuser.query(MONTHS);
  await superuser.query(read("tools.sql"));
  // Each schema by one session, one statement after the other: its rows always lie in the same order.
  await sideBySide(database, schemas, (session, schema) => session.query(read(`rows/${schema}.sql`)));
  // When all are there: a transaction that still runs keeps pages from being marked as visible to all.
  await sideBySide(database, schemas, async (session, schema) =>
    session.query(await vacuum(session, schema)),
  );
}

async function sideBySide(
  database: AppliedDatabase,
  schemas: readonly string[],
  run: (session: pg.Client, schema: string) => Promise<unknown>,
): Promise<void> {
  const waiting = [...schemas];
  const work = async () => {
    const session = await database.connect();
    await session.query("SET timezone = 'UTC'");
    for (let schema = waiting.shift(); schema !== undefined; schema = waiting.shift())
      await run(session, schema);
  };
  await Promise.all(Array.from({ length: SESSIONS }, work));
}

/** As autovacuum would in a while: pending entries of GIN indexes, visible pages, statistics of partitioned tables too. */
async function vacuum(session: pg.Client, schema: string): Promise<string> {
  const { rows } = await session.query<[string]>({
    text: `SELECT string_agg(oid::regclass::text, ', ' ORDER BY relname) FROM pg_class
      WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'm') AND NOT relispartition`,
    values: [schema],
    rowMode: "array",
  });
  return `VACUUM (ANALYZE) ${rows[0]?.[0]}`;
}

/** Makes a session of a service's login one that asks the requirements' queries as they are written. */
export async function standAtMoment(client: pg.Client, schema: string): Promise<void> {
  await client.query(`SET search_path = example_clock, ${schema}, pg_catalog, public`);
  await client.query("SET timezone = 'UTC'");
}

function read(file: string): string {
  return readFileSync(join(import.meta.dirname, file), "utf8").replaceAll("{moment}", MOMENT);
}

import { sayProgress } from "./progress.ts";
import type { SeedServer } from "./seedServer.ts";
import { Session } from "./session.ts";

/** A table of the stack that is partitioned by month, and one table of the same columns, checks and indexes. */
export const METRICS = "dgm.performance_metrics";
export const UNPARTITIONED = "bench.performance_metrics";

const CHUNK = 500_000;

/**
 * Fills both with the same rows, spread evenly over so many months and the current one, in the order of time. The
 * indexes are made afterwards, as a restore does: maintaining them row by row takes several times as long.
 *
 * The one table has the requirements' primary key, the id alone: that of a partitioned one must hold the time, too.
 */
export async function loadMetrics(server: SeedServer, rows: number, months: number): Promise<void> {
  const begun = performance.now();
  const sessions = [await Session.open(server), await Session.open(server)] as const;
  const [first] = sessions;
  const indexes = await first.rows<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
     WHERE indrelid = '${METRICS}'::regclass AND NOT indisprimary`,
  );
  await first.timed(`
    CREATE SCHEMA IF NOT EXISTS bench;
    CREATE TABLE ${UNPARTITIONED} (LIKE ${METRICS} INCLUDING ALL EXCLUDING INDEXES);
    DROP INDEX ${indexes.map(({ name }) => name).join(", ")};
    SELECT count(steps.*) FROM platform.partition_policies AS policy, platform.ensure_months(
      policy, (now() - interval '${months} months')::date, now()::date) AS steps
    WHERE policy.schema_name || '.' || policy.table_name = '${METRICS}'`);
  const definitions = indexes.map(({ definition }) => definition);
  await Promise.all([
    fill(
      sessions[0],
      METRICS,
      rows,
      months,
      definitions.map((definition) => definition.replace(" ON ONLY ", " ON ")),
    ),
    fill(sessions[1], UNPARTITIONED, rows, months, [
      `ALTER TABLE ${UNPARTITIONED} ADD PRIMARY KEY (id)`,
      ...definitions.map((definition) => definition.replace(/ ON (ONLY )?dgm\./, " ON bench.")),
    ]),
  ]);
  for (const session of sessions) await session.close();
  sayProgress(`${rows} metrics twice, loaded in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
}

async function fill(
  session: Session,
  table: string,
  rows: number,
  months: number,
  indexes: readonly string[],
): Promise<void> {
  await session.timed("SET session_replication_role = replica");
  for (let from = 1; from <= rows; from += CHUNK) {
    await session.timed(insert(table, from, Math.min(from + CHUNK - 1, rows), rows, months));
  }
  for (const statement of indexes) await session.timed(statement);
  await session.timed(`VACUUM (ANALYZE) ${table}`);
}

function insert(table: string, from: number, to: number, rows: number, months: number): string {
  return `
    INSERT INTO ${table} ("timestamp", service_name, metric_type, metric_name, metric_value, unit, tags)
    SELECT begins + (now() - begins) * (i::float8 / ${rows}), 'service_' || i % 8,
      (ARRAY['latency', 'throughput', 'error_rate'])[1 + i % 3], 'metric_' || i % 60, (i::bigint * 48271 % 100000) / 100.0, 'ms',
      jsonb_build_object('region', 'r' || i % 4)
    FROM generate_series(${from}, ${to}) AS i,
      date_trunc('month', now() - interval '${months} months', 'UTC') AS begins`;
}

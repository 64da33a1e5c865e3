import { measurePairs, type Comparison, type Figures } from "./comparison.ts";
import { measured } from "./progress.ts";
import type { Session } from "./session.ts";
import { median } from "./statistics.ts";

const PLANS = 200;
/** Months that no table has yet. */
const FAR = { from: 24, to: 35 };

interface Policy {
  schema: string;
  table: string;
  column: string | null;
  values: string[] | null;
}

/** Twelve months for every table that is partitioned by month: the stack's own way against plain DDL. */
export async function creation(session: Session, pairs: number): Promise<Comparison> {
  const policies = await session.rows<Policy & Record<string, unknown>>(
    `SELECT schema_name AS schema, table_name AS table, list_column AS column, list_values AS values
     FROM platform.partition_policies ORDER BY 1, 2`,
  );
  const ensured = `
    SELECT count(steps.*) FROM platform.partition_policies AS policy, platform.ensure_months(policy,
      (now() + interval '${FAR.from} months')::date, (now() + interval '${FAR.to} months')::date) AS steps`;
  const statements = policies.flatMap(byHand).join(";\n");
  const make = async (statement: string): Promise<Figures> => {
    const time = await session.timed(`BEGIN; ${statement}; COMMIT`);
    for (const policy of policies) await session.timed(drops(policy));
    return { time };
  };
  return {
    name: `twelve months of ${policies.length} tables`,
    subject: "ensure_months",
    reference: "by hand",
    shown: [{ figure: "time", unit: "ms", goal: { atMost: 200 } }],
    pairs: await measurePairs(
      pairs,
      () => measured("twelve months, ensure_months", () => make(ensured)),
      () => measured("twelve months, by hand", () => make(statements)),
    ),
  };
}

function months(): Date[] {
  const now = new Date();
  return Array.from(
    { length: FAR.to - FAR.from + 1 },
    (_, i) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + FAR.from + i, 1)),
  );
}

function monthName(table: string, month: Date): string {
  return `${table}_y${month.getUTCFullYear()}m${String(month.getUTCMonth() + 1).padStart(2, "0")}`;
}

function byHand({ schema, table, column, values }: Policy): string[] {
  return months().flatMap((month) => {
    const name = `${schema}.${monthName(table, month)}`;
    const next = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
    const range = `FOR VALUES FROM ('${month.toISOString()}') TO ('${next.toISOString()}')`;
    return [
      `CREATE TABLE ${name} PARTITION OF ${schema}.${table} ${range}${column ? ` PARTITION BY LIST (${column})` : ""}`,
      ...(values ?? []).map(
        (value) => `CREATE TABLE ${name}_${value} PARTITION OF ${name} FOR VALUES IN ('${value}')`,
      ),
    ];
  });
}

function drops({ schema, table }: Policy): string {
  return `DROP TABLE ${months()
    .map((month) => `${schema}.${monthName(table, month)}`)
    .join(", ")}`;
}

/** The planning time of a query for one month, at 120 partitions against 12. */
export async function planning(session: Session, pairs: number): Promise<Comparison> {
  await session.timed("CREATE SCHEMA IF NOT EXISTS bench");
  await session.timed("GRANT ALL ON SCHEMA bench TO acgs_owner");
  for (const count of [12, 120]) await makePlanned(session, count);
  const plan = (count: number) => () =>
    measured(`plan at ${count} partitions`, () => planTime(session, planned(count)));
  return {
    name: "warm plan of a pruned query",
    subject: "120 partitions",
    reference: "12 partitions",
    shown: [{ figure: "time", unit: "ms", goal: { atMost: 0.1 } }],
    pairs: await measurePairs(pairs, plan(120), plan(12)),
  };
}

function planned(count: number): string {
  return `planned_${count}`;
}

async function makePlanned(session: Session, count: number): Promise<void> {
  const table = planned(count);
  await session.timed(`
    CREATE TABLE bench.${table} (LIKE dgm.performance_metrics INCLUDING ALL) PARTITION BY RANGE ("timestamp");
    ALTER TABLE bench.${table} OWNER TO acgs_owner`);
  await session.timed(`
    SELECT count(steps.*) FROM platform.partition_policies AS model, platform.ensure_months(
      ROW('bench', '${table}', 1, NULL, NULL, NULL, '{}', model.constitutional_hash)::platform.partition_policies,
      (now() - interval '${count - 1} months')::date, now()::date) AS steps
    WHERE model.table_name = 'performance_metrics'`);
}

/** The middle of many plans in one session, after some that fill its caches. */
async function planTime(session: Session, table: string): Promise<Figures> {
  const statement = `
    EXPLAIN (SUMMARY, FORMAT JSON) SELECT avg(metric_value) FROM bench.${table}
    WHERE metric_name = 'metric_7' AND "timestamp" >= '${start(0)}' AND "timestamp" < '${start(1)}'`;
  const times: number[] = [];
  for (let i = 0; i < PLANS + 20; i++) {
    const [row] = await session.rows<{ "QUERY PLAN": [{ "Planning Time": number }] }>(statement);
    if (i >= 20) times.push(row!["QUERY PLAN"][0]["Planning Time"]);
  }
  return { time: median(times) };
}

function start(offset: number): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)).toISOString();
}

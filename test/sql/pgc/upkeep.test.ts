import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { retentionSetting } from "../../../components/migrations/retention.ts";
import { expectSameAgain, runJobs } from "../conventions.ts";
import { failure, rows, SETTINGS, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

const PREMAKE = Number(SETTINGS["acgs.partition_premake_months"]);
const TABLES = ["enforcement_logs", "policy_decisions"] as const;
const NOTHING_DONE = { created: [], altered: [], dropped: [], skipped: [] };

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;
let now: Date;

beforeAll(async () => {
  database = await startAppliedDatabase("pgc");
  admin = await database.connect();
  service = await database.connect("pgc_service");
  now = (await rows(admin, "SELECT now()"))[0] as Date;
});
afterAll(() => database?.stop());

/** Names of a table's partitions of the months that lie so far from the current one. */
const months = (table: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => {
    const date = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + from + i, 1));
    return `${table}_y${date.getUTCFullYear()}m${String(date.getUTCMonth() + 1).padStart(2, "0")}`;
  });
const partitions = (table: string): Promise<unknown[]> =>
  rows(admin, "SELECT partition_name FROM platform.month_partitions($1) ORDER BY 1", [`pgc.${table}`]);
const maintain = async (): Promise<unknown> =>
  (await rows(service, "SELECT pgc.daily_partition_maintenance()"))[0];

test("months are there from the last one to those ahead, by arrival and not by the agent's clock", async () => {
  for (const table of TABLES) expect(await partitions(table)).toEqual(months(table, -1, PREMAKE));
  const decide = `INSERT INTO pgc.policy_decisions (created_at, decision_time, policy_id, decision, decision_path)
                  VALUES ($1, $2, gen_random_uuid(), 'allow', 'acgs/x')`;
  expect(await failure(service, decide, [now, "1970-01-01"])).toBeUndefined();
  expect(await failure(service, decide, ["2019-01-15", now])).toBe("23514");
});

test("the jobs are there once each, and run as their login in the time it has", async () => {
  expect(
    await rows(admin, "SELECT jobname, schedule FROM cron.job WHERE jobname LIKE 'pgc-%' ORDER BY 1"),
  ).toEqual([
    ["pgc-daily-partition-maintenance", "29 1 * * *"],
    ["pgc-refresh-statistics", "59 2 * * 0"],
  ]);
  expect(await runJobs(admin, service, "pgc")).toEqual({
    "pgc-daily-partition-maintenance": [[]],
    "pgc-refresh-statistics": [],
  });
});

test("a new month is complete: indexes, checks, statistics, storage", async () => {
  const lost = TABLES.map((table) => months(table, PREMAKE, PREMAKE)[0]!);
  await admin.query(`DROP TABLE ${lost.map((name) => `pgc.${name}`).join(", ")}`);
  expect(await maintain()).toEqual({ ...NOTHING_DONE, created: lost });
  const shape = (name: string): Promise<unknown[]> =>
    rows(
      admin,
      `SELECT (SELECT count(*) FROM pg_index WHERE indrelid = $1::regclass AND indisvalid)::int,
              (SELECT count(*) FROM pg_constraint WHERE conrelid = $1::regclass)::int,
              (SELECT count(*) FROM pg_statistic_ext WHERE stxrelid = $1::regclass)::int,
              (SELECT reloptions::text FROM pg_class WHERE oid = $1::regclass),
              (SELECT array_agg(attname || attcompression::text || attstattarget ORDER BY attnum) FROM pg_attribute
               WHERE attrelid = $1::regclass AND attnum > 0)::text[]`,
      [`pgc.${name}`],
    );
  for (const [i, table] of TABLES.entries()) {
    const made = await shape(lost[i]!);
    expect(made).toEqual(await shape(months(table, 0, 0)[0]!));
    expect(JSON.stringify(made)).toContain("autovacuum_freeze_min_age=0");
  }
});

test("each log is kept as long as the stack configuration says", async () => {
  for (const table of TABLES) {
    await admin.query(
      `SELECT steps.* FROM platform.partition_policies p,
         platform.ensure_months(p, (now() - interval '4 months')::date, now()::date) AS steps WHERE p.table_name = '${table}'`,
    );
  }
  const settings = {
    ...SETTINGS,
    "acgs.partition_retention": retentionSetting(12, {
      "pgc.policy_decisions": 2,
      "pgc.enforcement_logs": 3,
    }),
  };
  expect(await database.apply(settings)).toEqual(["pgc/R__upkeep_policy.sql", "pgc/R__privileges.sql"]);
  expect(await maintain()).toEqual({
    ...NOTHING_DONE,
    dropped: [...months("enforcement_logs", -4, -4), ...months("policy_decisions", -4, -3)],
  });
  await database.apply();
});

test("all comes out the same when every repeatable file runs again, and then nothing runs", async () => {
  const repeatable = [
    "indexes",
    "maintenance",
    "row_upkeep",
    "statistics",
    "storage",
    "upkeep_policy",
    "upkeep_schedule",
  ];
  await expectSameAgain(database, admin, { schema: "pgc", repeatable, made: 80 });
});

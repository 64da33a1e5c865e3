import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { retentionSetting, type Retention } from "../../components/migrations/retention.ts";
import { expectSameAgain, runJobs } from "./conventions.ts";
import { failure, rows, SETTINGS, startAppliedDatabase } from "../../testing/sqlServer.ts";
import type { StackDatabase } from "../../testing/sqlServer.ts";

const PREMAKE = Number(SETTINGS["acgs.partition_premake_months"]);
const NOTHING_DONE = { created: [], altered: [], dropped: [], skipped: [] };

export interface PartitionedSchema {
  schema: string;
  /** Its one table that is partitioned by month of created_at. */
  table: string;
  /** An insert of a right row, created at `$1`. */
  insert: string;
  /** Minute and hour, GMT, at which the schema's jobs begin. */
  schedules: { maintenance: string; statistics: string };
  /** Its repeatable files, in order. */
  repeatable: string[];
}

/** Registers the tests of the upkeep that a schema with one partitioned table has. */
export function testUpkeep({ schema, table, insert, schedules, repeatable }: PartitionedSchema): void {
  const qualified = `${schema}.${table}`;
  let database: StackDatabase;
  let admin: pg.Client;
  let service: pg.Client;
  let now: Date;

  beforeAll(async () => {
    database = await startAppliedDatabase(schema);
    admin = await database.connect();
    service = await database.connect(`${schema}_service`);
    now = (await rows(admin, "SELECT now()"))[0] as Date;
  });
  afterAll(() => database?.stop());

  /** Names of the partitions of the months that lie so far from the current one. */
  const months = (from: number, to: number): string[] =>
    Array.from({ length: to - from + 1 }, (_, i) => {
      const date = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + from + i, 1));
      return `${table}_y${date.getUTCFullYear()}m${String(date.getUTCMonth() + 1).padStart(2, "0")}`;
    });
  const partitions = (): Promise<unknown[]> =>
    rows(admin, "SELECT partition_name FROM platform.month_partitions($1) ORDER BY 1", [qualified]);
  const maintain = async (): Promise<unknown> =>
    (await rows(service, `SELECT ${schema}.daily_partition_maintenance()`))[0];

  test("months are there from the last one to those ahead, and a row beyond them is refused", async () => {
    expect(await partitions()).toEqual(months(-1, PREMAKE));
    expect(await failure(service, insert, [now])).toBeUndefined();
    expect(await failure(service, insert, ["2019-01-15"])).toBe("23514");
  });

  test("the jobs are there once each, and run as their login in the time it has", async () => {
    const jobs = "SELECT jobname, schedule FROM cron.job WHERE jobname LIKE $1 || '-%' ORDER BY 1";
    expect(await rows(admin, jobs, [schema])).toEqual([
      [`${schema}-daily-partition-maintenance`, schedules.maintenance],
      [`${schema}-refresh-statistics`, schedules.statistics],
    ]);
    expect(await runJobs(admin, service, schema)).toEqual({
      // A CALL gives the steps that it took, or nothing.
      [`${schema}-daily-partition-maintenance`]: [[]],
      [`${schema}-refresh-statistics`]: [],
    });
    // Autovacuum never does that for a partitioned parent.
    expect(
      await rows(admin, "SELECT reltuples::int FROM pg_class WHERE oid = $1::regclass", [qualified]),
    ).toEqual([1]);
  });

  test("the service's maintenance makes what is missing, complete with triggers and keys", async () => {
    const [last] = months(PREMAKE, PREMAKE);
    await admin.query(`DROP TABLE ${schema}.${last}`);
    expect(await maintain()).toEqual({ ...NOTHING_DONE, created: [last] });
    const shape = (leaf: string): Promise<unknown[]> =>
      rows(
        admin,
        `SELECT (SELECT count(*) FROM pg_index WHERE indrelid = $1::regclass AND indisvalid)::int,
                (SELECT count(*) FROM pg_trigger WHERE tgrelid = $1::regclass)::int,
                (SELECT count(*) FROM pg_constraint WHERE conrelid = $1::regclass)::int,
                (SELECT count(*) FROM pg_statistic_ext WHERE stxrelid = $1::regclass)::int,
                (SELECT reloptions FROM pg_class WHERE oid = $1::regclass),
                (SELECT array_agg(attname || attcompression::text || attstattarget ORDER BY attnum) FROM pg_attribute
                 WHERE attrelid = $1::regclass AND attnum > 0)::text[]`,
        [`${schema}.${leaf}`],
      );
    const [made] = (await shape(last!)) as [number, number][];
    expect(made![0]).toBeGreaterThan(1);
    expect([made]).toEqual(await shape(months(0, 0)[0]!));
  });

  test("it drops what is past the retention, which the stack configuration sets for each table", async () => {
    const retention: Retention = { [qualified]: 2 };
    await rows(
      admin,
      `SELECT steps.action FROM platform.partition_policies p, platform.ensure_months(
         p, (now() - interval '4 months')::date, now()::date) AS steps WHERE p.schema_name = $1`,
      [schema],
    );
    const settings = { ...SETTINGS, "acgs.partition_retention": retentionSetting(12, retention) };
    expect(await database.apply(settings)).toEqual([
      `${schema}/R__upkeep_policy.sql`,
      `${schema}/R__privileges.sql`,
    ]);
    // Not during `up`: a mistake can be taken back until the night.
    expect(await partitions()).toEqual(months(-4, PREMAKE));
    expect(await maintain()).toEqual({ ...NOTHING_DONE, dropped: months(-4, -3) });
    expect(await partitions()).toEqual(months(-2, PREMAKE));
    await database.apply();
  });

  test("it skips what it cannot lock, says so, and does it the next time", async () => {
    const [last] = months(PREMAKE, PREMAKE);
    await admin.query(`DROP TABLE ${schema}.${last}`);
    const busy = await database.connect();
    await busy.query(`BEGIN; LOCK TABLE ${qualified} IN SHARE UPDATE EXCLUSIVE MODE`);
    const warnings: string[] = [];
    service.on("notice", (notice) => warnings.push(notice.message ?? ""));
    try {
      const skipped = [{ partition: last, reason: expect.stringMatching(/^55P03: /) as string }];
      expect(await maintain()).toEqual({ ...NOTHING_DONE, skipped });
      expect(warnings).toEqual([expect.stringContaining(last!)]);
      expect(await rows(service, `SELECT ${schema}.refresh_statistics()`)).toEqual([]);
      expect(warnings[1]).toContain(qualified);
    } finally {
      await busy.query("ROLLBACK");
    }
    expect(await maintain()).toEqual({ ...NOTHING_DONE, created: [last] });
  });

  test("all comes out the same when every repeatable file runs again, and then nothing runs", async () => {
    await expectSameAgain(database, admin, { schema, repeatable, made: 50 });
  });
}

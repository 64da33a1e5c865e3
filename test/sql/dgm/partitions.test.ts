import { randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure, rows, SETTINGS, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

const PREMAKE = Number(SETTINGS["acgs.partition_premake_months"]);
const STATUSES = ["completed", "failed", "pending", "rolled_back", "running"];
const PARTITIONED = ["constitutional_compliance_logs", "dgm_archive", "performance_metrics"];

let database: StackDatabase;
let admin: pg.Client;
let now: Date;

beforeAll(async () => {
  database = await startAppliedDatabase("dgm");
  admin = await database.connect();
  now = (await rows(admin, "SELECT now()"))[0] as Date;
});
afterAll(() => database?.stop());

/** `y2025m06` for the month that lies so many months after the current one. */
function month(offset: number): string {
  const date = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1));
  return `y${date.getUTCFullYear()}m${String(date.getUTCMonth() + 1).padStart(2, "0")}`;
}

const months = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => month(from + i));

/** Names of the partitions right below a table, in order. */
const partitions = (table: string): Promise<unknown[]> =>
  rows(
    admin,
    `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass ORDER BY c.relname`,
    [`dgm.${table}`],
  );

const maintain = async (): Promise<Record<string, unknown>> =>
  (await rows(admin, "SELECT dgm.daily_partition_maintenance()"))[0] as Record<string, unknown>;

const NOTHING_DONE = { created: [], altered: [], dropped: [], skipped: [], improvements_forgotten: 0 };

/** Makes months in the past, as before a backfill. */
const backfill = (table: string, from: number): Promise<unknown[]> =>
  rows(
    admin,
    `SELECT steps.action FROM platform.partition_policies p, platform.ensure_months(
       p, (now() + make_interval(months => $2))::date, now()::date) AS steps WHERE p.table_name = $1`,
    [table, from],
  );

describe("partitions", () => {
  test.each(PARTITIONED)("of %s are there from the month before to the months ahead", async (table) => {
    expect(await partitions(table)).toEqual(months(-1, PREMAKE).map((name) => `${table}_${name}`));
  });

  test("of the archive have one sub-partition for each status", async () => {
    for (const name of months(-1, PREMAKE)) {
      expect(await partitions(`dgm_archive_${name}`)).toEqual(
        STATUSES.map((s) => `dgm_archive_${name}_${s}`),
      );
    }
  });

  test("begin and end at midnight UTC, whatever the zone of the session", async () => {
    await admin.query("SET timezone = 'Pacific/Auckland'");
    expect(await maintain()).toEqual(NOTHING_DONE);
    await admin.query("RESET timezone");
    const uneven = await rows(
      admin,
      `SELECT partition_name FROM platform.month_partitions('dgm.performance_metrics')
       WHERE lower_bound <> date_trunc('month', lower_bound, 'UTC') OR upper_bound <> lower_bound + interval '1 month'`,
    );
    expect(uneven).toEqual([]);
  });

  test("carry the storage parameters and statistics targets of their table", async () => {
    const found = await rows(
      admin,
      `SELECT DISTINCT c.reloptions::text, a.attstattarget FROM pg_partition_tree('dgm.performance_metrics') t
       JOIN pg_class c ON c.oid = t.relid JOIN pg_attribute a ON a.attrelid = t.relid AND a.attname = 'metric_name'
       WHERE t.isleaf`,
    );
    expect(found).toEqual([[expect.stringContaining("autovacuum_vacuum_scale_factor=0.1"), 300]]);
    expect(JSON.stringify(found)).toContain("autovacuum_analyze_scale_factor=0.05");
    expect(JSON.stringify(found)).toContain("autovacuum_vacuum_cost_delay=10");
    const statistics = await rows(
      admin,
      `SELECT count(*)::int FROM pg_statistic_ext s JOIN pg_partition_tree('dgm.performance_metrics') t
       ON t.relid = s.stxrelid WHERE t.isleaf`,
    );
    expect(statistics).toEqual([PREMAKE + 2]);
  });

  test("are missing for a far month, and an insert there says so", async () => {
    const far =
      "INSERT INTO dgm.performance_metrics (timestamp, service_name, metric_type, metric_name, metric_value) VALUES ($1, 's', 'latency', 'm', 1)";
    expect(await failure(admin, far, ["2019-01-15"])).toBe("23514");
    expect(await failure(admin, far, [now])).toBeUndefined();
  });

  test("are covered by the view that monitors read", async () => {
    const monitor = await database.connect("acgs_monitor");
    // The view's schema is for all clients, its rows for readers.
    expect(
      await rows(
        monitor,
        "SELECT table_name, months_ahead, months_ahead_wanted FROM platform.partition_coverage",
      ),
    ).toEqual(PARTITIONED.map((table) => [table, String(PREMAKE), PREMAKE]));
  });
});

describe("daily_partition_maintenance", () => {
  test("does nothing when all is there, twice", async () => {
    expect(await maintain()).toEqual(NOTHING_DONE);
    expect(await maintain()).toEqual(NOTHING_DONE);
  });

  test("makes what is missing, with indexes, triggers and keys", async () => {
    const name = month(PREMAKE);
    await admin.query(`DROP TABLE dgm.dgm_archive_${name}; DROP TABLE dgm.performance_metrics_${name}`);
    expect(await maintain()).toEqual({
      ...NOTHING_DONE,
      created: [`dgm_archive_${name}`, `performance_metrics_${name}`],
    });
    const shape = (leaf: string): Promise<unknown[]> =>
      rows(
        admin,
        `SELECT (SELECT count(*) FROM pg_index WHERE indrelid = $1::regclass AND indisvalid)::int,
                (SELECT count(*) FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal)::int,
                (SELECT count(*) FROM pg_constraint WHERE conrelid = $1::regclass)::int`,
        [leaf],
      );
    expect(await shape(`dgm.dgm_archive_${name}_pending`)).toEqual(
      await shape(`dgm.dgm_archive_${month(0)}_pending`),
    );
    expect(await shape(`dgm.performance_metrics_${name}`)).toEqual(
      await shape(`dgm.performance_metrics_${month(0)}`),
    );
  });

  test("drops what is past the retention, and nothing younger", async () => {
    await backfill("performance_metrics", -15);
    expect(await partitions("performance_metrics")).toHaveLength(15 + 1 + PREMAKE);
    expect(await maintain()).toEqual({
      ...NOTHING_DONE,
      dropped: [-15, -14, -13].map((offset) => `performance_metrics_${month(offset)}`),
    });
    expect((await partitions("performance_metrics"))[0]).toBe(`performance_metrics_${month(-12)}`);
  });

  test("keeps the registry's improvements that something references, and forgets the others", async () => {
    await backfill("dgm_archive", -14);
    const [kept, forgotten] = [randomUUID(), randomUUID()];
    const old =
      "INSERT INTO dgm.dgm_archive (improvement_id, created_at) VALUES ($1, date_trunc('month', now()) - interval '14 months' + interval '3 days')";
    await admin.query(old, [kept]);
    await admin.query(old, [forgotten]);
    await admin.query("INSERT INTO dgm.improvement_workspaces (improvement_id) VALUES ($1)", [kept]);
    const done = await maintain();
    expect(done).toMatchObject({
      dropped: [`dgm_archive_${month(-14)}`, `dgm_archive_${month(-13)}`],
      improvements_forgotten: 1,
    });
    const registered = "SELECT improvement_id FROM dgm.improvements WHERE improvement_id IN ($1, $2)";
    expect(await rows(admin, registered, [kept, forgotten])).toEqual([kept]);
    // Still one improvement: its place in the archive is gone, its name is not free.
    expect(await failure(admin, "INSERT INTO dgm.dgm_archive (improvement_id) VALUES ($1)", [kept])).toBe(
      "23505",
    );
    await admin.query("DELETE FROM dgm.improvement_workspaces WHERE improvement_id = $1", [kept]);
    expect(await maintain()).toEqual({ ...NOTHING_DONE, improvements_forgotten: 1 });
  });

  test("skips a partition whose lock is not to be had, says so, and makes the others", async () => {
    const name = month(PREMAKE);
    await admin.query(
      `DROP TABLE dgm.dgm_archive_${name}; DROP TABLE dgm.constitutional_compliance_logs_${name}`,
    );
    const busy = await database.connect();
    await busy.query("BEGIN; LOCK TABLE dgm.dgm_archive IN SHARE UPDATE EXCLUSIVE MODE");
    const warnings: string[] = [];
    admin.on("notice", (notice) => warnings.push(notice.message ?? ""));
    expect(await maintain()).toEqual({
      ...NOTHING_DONE,
      created: [`constitutional_compliance_logs_${name}`],
      skipped: [{ partition: `dgm_archive_${name}`, reason: expect.stringMatching(/^55P03: /) as string }],
    });
    expect(warnings).toEqual([expect.stringContaining(`dgm_archive_${name}`)]);
    await busy.query("ROLLBACK");
    expect(await maintain()).toEqual({ ...NOTHING_DONE, created: [`dgm_archive_${name}`] });
  });

  test("lets writers and readers go on while it makes a month", async () => {
    const name = month(PREMAKE);
    await admin.query(`DROP TABLE dgm.performance_metrics_${name}`);
    const writer = await database.connect("dgm_service");
    await writer.query("BEGIN");
    await writer.query(
      "INSERT INTO dgm.performance_metrics (service_name, metric_type, metric_name, metric_value) VALUES ('s', 'latency', 'm', 1)",
    );
    expect(await maintain()).toEqual({ ...NOTHING_DONE, created: [`performance_metrics_${name}`] });
    await writer.query("COMMIT");
  });

  test("stands aside while another round is at work", async () => {
    const other = await database.connect();
    await other.query("BEGIN");
    await other.query("SELECT dgm.daily_partition_maintenance()");
    expect(await maintain()).toEqual({
      ...NOTHING_DONE,
      skipped: [{ partition: "dgm", reason: "another round is at work" }],
    });
    await other.query("COMMIT");
  });

  test("follows the policy: a new status gets its sub-partitions, changed storage parameters arrive", async () => {
    await admin.query(
      `UPDATE platform.partition_policies SET list_values = list_values || ARRAY['archived'],
         storage_parameters = storage_parameters || '{"autovacuum_vacuum_threshold": 100}'
       WHERE table_name = 'dgm_archive'`,
    );
    const done = await maintain();
    expect(done.created).toEqual(months(-12, PREMAKE).map((name) => `dgm_archive_${name}_archived`));
    expect(done.altered).toHaveLength((12 + 1 + PREMAKE) * STATUSES.length);
    expect(await maintain()).toEqual(NOTHING_DONE);
  });
});

describe("cleanup_old_partitions", () => {
  test.each([[null], [0], [-3], [1201]])("refuses %s months", async (value) => {
    expect(await failure(admin, "SELECT dgm.cleanup_old_partitions($1)", [value])).toBe("22023");
  });

  test("keeps the months asked for and the current one, and returns what it dropped", async () => {
    await backfill("performance_metrics", -3);
    await backfill("constitutional_compliance_logs", -3);
    await rows(admin, "SELECT dgm.cleanup_old_partitions(3)");
    const dropped = await rows(admin, "SELECT dgm.cleanup_old_partitions(2)");
    expect(dropped).toEqual(PARTITIONED.map((table) => `${table}_${month(-3)}`));
    for (const table of PARTITIONED) {
      expect(await partitions(table)).toEqual(months(-2, PREMAKE).map((name) => `${table}_${name}`));
    }
    expect(await rows(admin, "SELECT dgm.cleanup_old_partitions(2)")).toEqual([]);
  });
});

test("a stack that wants more months gets them with the file that reads its configuration, and privileges anew", async () => {
  const ran = await database.apply({ ...SETTINGS, "acgs.partition_premake_months": String(PREMAKE + 2) });
  expect(ran).toEqual(["dgm/R__upkeep_policy.sql", "dgm/R__privileges.sql"]);
  expect((await partitions("performance_metrics")).at(-1)).toBe(`performance_metrics_${month(PREMAKE + 2)}`);
});

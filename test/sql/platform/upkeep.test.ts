import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../../../testing/eventually.ts";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

let database: StackDatabase;
/** The superuser; `upkeep` is one too, but acts as the login that pg_cron starts the upkeep as. */
let admin: pg.Client;
let upkeep: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("dgm");
  admin = await database.connect();
  // Between one and five o'clock the job would run what a test has planned.
  await admin.query(
    "SELECT cron.alter_job(jobid, active => false) FROM cron.job WHERE jobname = 'platform-run-upkeep'",
  );
  upkeep = await database.connect();
  await upkeep.query("SET SESSION AUTHORIZATION acgs_upkeep");
});
afterAll(() => database?.stop());
beforeEach(async () => {
  await admin.query("TRUNCATE platform.upkeep_tasks");
  await admin.query("SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname LIKE 'platform-upkeep-task'");
});

const one = async (query: string, values: unknown[] = []): Promise<unknown> =>
  (await rows(admin, query, values))[0];
const tasks = (columns: string): Promise<unknown[]> =>
  rows(admin, `SELECT ${columns} FROM platform.upkeep_tasks ORDER BY id`);

/** A table of the owner's with an index of which nine tenths are air. */
async function makeBloated(name: string, entries = 200_000): Promise<void> {
  await upkeep.query(`SET ROLE acgs_owner`);
  await upkeep.query(
    `CREATE TABLE dgm.${name} (id integer, note text) WITH (autovacuum_enabled = false);
     INSERT INTO dgm.${name} SELECT i, 'x' FROM generate_series(1, ${entries}) i;
     CREATE INDEX ${name}_id ON dgm.${name} (id);
     DELETE FROM dgm.${name} WHERE id % 10 <> 0`,
  );
  await upkeep.query(`VACUUM (ANALYZE) dgm.${name}`);
  await upkeep.query("RESET ROLE");
}

describe("the estimate of bloat", () => {
  test("is close to what is measured, without reading the index", async () => {
    await makeBloated("estimated");
    await admin.query(
      "SET ROLE acgs_owner; CREATE INDEX estimated_fresh ON dgm.estimated (id, note); RESET ROLE",
    );
    await admin.query("ANALYZE dgm.estimated");
    const found = (await rows(
      admin,
      `SELECT index_name, bloat_ratio::float8, platform.measure_index_air(index_oid)::float8, size_bytes::float8
       FROM platform.index_bloat WHERE table_name = 'estimated' ORDER BY 1`,
    )) as [string, number, number, number][];
    expect(found.map(([name]) => name)).toEqual(["estimated_fresh", "estimated_id"]);
    for (const [, estimated, measured] of found) expect(Math.abs(estimated - measured)).toBeLessThan(0.1);
    expect(found[1]![1]).toBeGreaterThan(0.8);
    expect(found[0]![1]).toBeLessThan(0.15);
  });

  test("of tables tells the deleted rows of a table that was vacuumed", async () => {
    expect(
      await rows(
        admin,
        `SELECT bloat_ratio > 0.8 AND bloat_ratio < 0.95, size_bytes = pg_relation_size('dgm.estimated')
         FROM platform.table_bloat WHERE table_name = 'estimated'`,
      ),
    ).toEqual([[true, true]]);
  });
});

describe("the daily plan", () => {
  const planned = async (): Promise<string[]> => {
    await upkeep.query("SELECT platform.plan_daily_upkeep()");
    return (await rows(
      admin,
      `SELECT DISTINCT target::regclass::text FROM platform.upkeep_tasks, unnest(targets) AS target
       WHERE kind = 'vacuum' AND status = 'planned'`,
    )) as string[];
  };

  test("holds what has changed, and no longer what has been vacuumed since", async () => {
    await admin.query(
      `INSERT INTO dgm.bandit_states (context_key, arm_id, algorithm_type) VALUES ('c', 'a', 'ucb1')`,
    );
    await admin.query("SELECT pg_stat_force_next_flush()");
    expect(await planned()).toContain("dgm.bandit_states");
    await admin.query("VACUUM (ANALYZE) dgm.bandit_states");
    await admin.query("SELECT pg_stat_force_next_flush()");
    expect(await planned()).not.toContain("dgm.bandit_states");
    // A month without rows has nothing to vacuum.
    expect((await planned()).filter((name) => name.includes("performance_metrics_y"))).toEqual([]);
    // What is left of a plan is replaced by the next.
    expect(
      await rows(admin, "SELECT DISTINCT message FROM platform.upkeep_tasks WHERE status = 'skipped'"),
    ).toEqual(["replaced by a new plan"]);
  });

  test("holds no table that its login could not name, which would fail all others", async () => {
    await admin.query("CREATE SCHEMA hidden; CREATE TABLE hidden.secret AS SELECT 1 AS x");
    await admin.query("SELECT pg_stat_force_next_flush()");
    expect(await planned()).not.toContain("hidden.secret");
    expect(await planned()).toContain("cron.job");
    await admin.query("DROP SCHEMA hidden CASCADE");
  });

  test("goes in batches, so that other jobs get their turn", async () => {
    await admin.query(`SET ROLE acgs_owner; CREATE SCHEMA many`);
    await admin.query(
      `DO $$ BEGIN FOR i IN 1..230 LOOP
         EXECUTE format('CREATE TABLE many.t%s AS SELECT 1 AS x', i); END LOOP; END $$; RESET ROLE`,
    );
    await admin.query("SELECT pg_stat_force_next_flush()");
    await planned();
    const batches = (await tasks("cardinality(targets)")) as number[];
    expect(batches.length).toBeGreaterThan(1);
    expect(Math.max(...batches)).toBeLessThanOrEqual(200);
    expect(batches.reduce((sum, n) => sum + n)).toBeGreaterThanOrEqual(230);
    await admin.query("DROP SCHEMA many CASCADE");
  });

  test("has what an interrupted REINDEX CONCURRENTLY left, not what is being built", async () => {
    await admin.query(
      "SET ROLE acgs_owner; CREATE TABLE dgm.interrupted (id integer PRIMARY KEY); RESET ROLE",
    );
    const writer = await database.connect();
    await writer.query("BEGIN; INSERT INTO dgm.interrupted VALUES (1)");
    const impatient = await database.connect();
    await impatient.query("SET lock_timeout = '300ms'");
    expect(await failure(impatient, "REINDEX INDEX CONCURRENTLY dgm.interrupted_pkey")).toBe("55P03");
    await impatient.query("SET lock_timeout = 0");
    const building = impatient.query("REINDEX INDEX CONCURRENTLY dgm.interrupted_pkey");
    await eventually("a build is seen", () =>
      one("SELECT true FROM platform.invalid_indexes WHERE builder_pid IS NOT NULL"),
    );
    await upkeep.query("SELECT platform.plan_daily_upkeep()");
    expect(await rows(admin, "SELECT 1 FROM platform.upkeep_tasks WHERE kind = 'drop_index'")).toEqual([]);
    await writer.query("COMMIT");
    await building;
    await upkeep.query("SELECT platform.plan_daily_upkeep()");
    expect(await tasks("kind, target_names, reason")).toContainEqual([
      "drop_index",
      "dgm.interrupted_pkey_ccnew",
      expect.stringContaining("did not finish"),
    ]);
    expect(await one("SELECT platform.run_upkeep()")).toBe(
      "drop_index of dgm.interrupted_pkey_ccnew: given to pg_cron",
    );
    // Somebody else was faster.
    await admin.query("DROP INDEX dgm.interrupted_pkey_ccnew");
  });
});

describe("the weekly plan", () => {
  test("has bloated indexes, the worst first, and no others", async () => {
    await makeBloated("little", 100_000);
    await makeBloated("much", 300_000);
    await upkeep.query("SELECT platform.plan_weekly_upkeep(0.4, 1000000)");
    expect(await tasks("kind, target_names")).toEqual([
      ["reindex", "dgm.much_id"],
      ["reindex", "dgm.estimated_id"],
      ["reindex", "dgm.little_id"],
    ]);
    expect(await upkeep.query("SELECT platform.plan_weekly_upkeep()").then((r) => r.rows)).toEqual([
      { plan_weekly_upkeep: 0 },
    ]);
  });

  test("leaves out what was measured before and has not grown", async () => {
    await admin.query(
      `INSERT INTO platform.upkeep_tasks (kind, targets, target_names, reason, status, expires_at, finished_at, bytes_after)
       SELECT 'reindex', ARRAY['dgm.much_id'::regclass::oid], 'm', 'r', 'skipped', now(), now() - interval '20 days',
         pg_relation_size('dgm.much_id')`,
    );
    await upkeep.query("SELECT platform.plan_weekly_upkeep(0.4, 1000000)");
    expect(
      await rows(admin, "SELECT target_names FROM platform.upkeep_tasks WHERE status = 'planned'"),
    ).toEqual(["dgm.estimated_id", "dgm.little_id"]);
    await admin.query(
      "UPDATE platform.upkeep_tasks SET bytes_after = bytes_after / 2 WHERE status = 'skipped' AND target_names = 'm'",
    );
    await upkeep.query("SELECT platform.plan_weekly_upkeep(0.4, 1000000)");
    expect(
      await rows(admin, "SELECT target_names FROM platform.upkeep_tasks WHERE status = 'planned'"),
    ).toContain("dgm.much_id");
  });

  test("does not rebuild an index that is measured and found full", async () => {
    await admin.query(
      `INSERT INTO platform.upkeep_tasks (kind, targets, target_names, reason, expires_at)
       SELECT 'reindex', ARRAY['dgm.estimated_fresh'::regclass::oid], 'dgm.estimated_fresh', 'a wrong estimate',
         now() + interval '1 day'`,
    );
    expect(await one("SELECT platform.run_upkeep()")).toMatch(
      /^reindex of dgm.estimated_fresh: measured \d % air only$/,
    );
    expect(await tasks("status, bytes_after = pg_relation_size('dgm.estimated_fresh')")).toEqual([
      ["skipped", true],
    ]);
  });
});

test("the monthly plan has every table, and parents of partitions one by one", async () => {
  await upkeep.query("SELECT platform.plan_monthly_upkeep()");
  const targets = (await rows(
    admin,
    "SELECT target::regclass::text FROM platform.upkeep_tasks, unnest(targets) AS target",
  )) as string[];
  const tables = await rows(
    admin,
    `SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
     AND relnamespace IN ('dgm'::regnamespace, 'platform'::regnamespace, 'deploy'::regnamespace, 'cron'::regnamespace)`,
  );
  expect(targets.sort()).toEqual(tables.sort());
  expect(
    await rows(
      admin,
      "SELECT target_names FROM platform.upkeep_tasks WHERE reason LIKE '%partitioned%' ORDER BY 1",
    ),
  ).toEqual(["dgm.constitutional_compliance_logs", "dgm.dgm_archive", "dgm.performance_metrics"]);
});

describe("a task", () => {
  const step = (): Promise<unknown> => one("SELECT platform.run_upkeep()");
  const plan = (kind: string, ...targets: string[]): Promise<unknown> =>
    rows(upkeep, "SELECT platform.plan_task($1, $2::regclass[]::oid[], 'a test')", [kind, targets]);
  /** What pg_cron writes about the run of the task that it was given. */
  const report = (status: string, message: string | null = null): Promise<unknown> =>
    rows(
      admin,
      `INSERT INTO cron.job_run_details (jobid, runid, status, return_message, start_time)
       SELECT jobid, nextval('cron.runid_seq'), $1, $2, now() FROM cron.job WHERE jobname = 'platform-upkeep-task'`,
      [status, message],
    );

  test.each([
    ["vacuum", "VACUUM (ANALYZE, SKIP_LOCKED, TRUNCATE false) dgm.bandit_states, dgm.improvements"],
    ["analyze", "ANALYZE (SKIP_LOCKED) dgm.bandit_states, dgm.improvements"],
  ])("%s is given to pg_cron for one minute", async (kind, statement) => {
    await plan(kind, "dgm.bandit_states", "dgm.improvements");
    expect(await step()).toBe(`${kind} of dgm.bandit_states, dgm.improvements: given to pg_cron`);
    expect(
      await rows(
        admin,
        `SELECT command, username, schedule ~ '^\\d+ \\d+ \\d+ \\d+ \\*$' FROM cron.job WHERE jobname = 'platform-upkeep-task'`,
      ),
    ).toEqual([[statement, "acgs_upkeep", true]]);
    const [wait, minute] = (await one(
      `SELECT extract(epoch FROM scheduled_for - now())::float8, to_char(scheduled_for AT TIME ZONE 'UTC', 'FMMI FMHH24 FMDD FMMM *')
       FROM platform.upkeep_tasks`,
    )) as [number, string];
    expect(wait).toBeGreaterThan(4);
    expect(wait).toBeLessThan(66);
    expect(await one("SELECT schedule FROM cron.job WHERE jobname = 'platform-upkeep-task'")).toBe(minute);
  });

  test("is waited for while it runs, and the next one begins after it", async () => {
    await plan("vacuum", "dgm.bandit_states");
    await plan("analyze", "dgm.bandit_states");
    await step();
    expect(await step()).toBe("waits for vacuum of dgm.bandit_states");
    await report("running");
    expect(await step()).toBe("waits for vacuum of dgm.bandit_states");
    expect(await tasks("status")).toEqual(["scheduled", "planned"]);
    await report("succeeded", "VACUUM");
    expect(await step()).toBe("analyze of dgm.bandit_states: given to pg_cron");
    expect(await tasks("status, message")).toEqual([
      ["succeeded", "VACUUM"],
      ["scheduled", null],
    ]);
    await report("succeeded", "ANALYZE");
    expect(await step()).toBe("nothing to do");
    // Its minute comes again in a year.
    expect(await rows(admin, "SELECT 1 FROM cron.job WHERE jobname = 'platform-upkeep-task'")).toEqual([]);
  });

  test("that failed is tried twice more, after the others", async () => {
    await plan("vacuum", "dgm.bandit_states");
    await plan("analyze", "dgm.improvements");
    await step();
    await report("failed", "server restarted");
    expect(await step()).toBe("analyze of dgm.improvements: given to pg_cron");
    await report("succeeded", "ANALYZE");
    for (const attempt of [2, 3]) {
      expect(await step()).toBe("vacuum of dgm.bandit_states: given to pg_cron");
      expect(await one("SELECT max(attempts) FROM platform.upkeep_tasks")).toBe(attempt);
      await report("failed", "ERROR: canceling statement due to lock timeout");
    }
    expect(await step()).toBe("nothing to do");
    expect(await tasks("status, message")).toEqual([
      ["failed", "ERROR: canceling statement due to lock timeout"],
      ["succeeded", "ANALYZE"],
    ]);
  });

  test("that rebuilt an index and failed has its half removed before it is tried again", async () => {
    await plan("reindex", "dgm.little_id");
    await step();
    const writer = await database.connect();
    await writer.query("BEGIN; INSERT INTO dgm.little VALUES (0)");
    const impatient = await database.connect();
    await impatient.query("SET lock_timeout = '200ms'");
    expect(await failure(impatient, "REINDEX INDEX CONCURRENTLY dgm.little_id")).toBe("55P03");
    await writer.query("ROLLBACK");
    await report("failed", "ERROR: canceling statement due to lock timeout");
    expect(await step()).toBe("drop_index of dgm.little_id_ccnew: given to pg_cron");
    await admin.query("DROP INDEX dgm.little_id_ccnew");
    await report("succeeded", "DROP INDEX");
    expect(await step()).toBe("reindex of dgm.little_id: given to pg_cron");
  });

  test("whose minute a failover has swallowed is given away again", async () => {
    await plan("vacuum", "dgm.bandit_states");
    await step();
    await admin.query("UPDATE platform.upkeep_tasks SET scheduled_for = now() - interval '6 minutes'");
    expect(await step()).toBe("vacuum of dgm.bandit_states: given to pg_cron");
    expect(await tasks("attempts, status")).toEqual([[2, "scheduled"]]);
  });

  test("leaves out tables that are gone, and is not begun too late", async () => {
    await admin.query("SET ROLE acgs_owner; CREATE TABLE dgm.gone (x integer); RESET ROLE");
    await plan("vacuum", "dgm.gone", "dgm.improvements");
    await plan("analyze", "dgm.gone");
    await plan("analyze", "dgm.improvements");
    await admin.query("DROP TABLE dgm.gone");
    expect(await step()).toBe("vacuum of dgm.gone, dgm.improvements: given to pg_cron");
    expect(await one("SELECT statement FROM platform.upkeep_tasks WHERE status = 'scheduled'")).toMatch(
      / dgm\.improvements$/,
    );
    await report("succeeded");
    await admin.query(
      "UPDATE platform.upkeep_tasks SET expires_at = now() - interval '1 s' WHERE target_names = 'dgm.improvements'",
    );
    expect(await step()).toBe("analyze of dgm.gone: is gone");
    expect(await step()).toBe("nothing to do");
    expect(await tasks("status, message")).toEqual([
      ["succeeded", null],
      ["skipped", "is gone"],
      ["skipped", "its time was over"],
    ]);
  });

  test("is begun by one session only", async () => {
    await plan("vacuum", "dgm.bandit_states");
    const other = await database.connect();
    await other.query("BEGIN; SELECT platform.run_upkeep()");
    expect(await step()).toBe("another round is at work");
    await other.query("COMMIT");
    expect(await step()).toBe("waits for vacuum of dgm.bandit_states");
  });
});

test("the log of jobs forgets old runs, also those without an end, and each minute's after two days", async () => {
  await admin.query("DELETE FROM cron.job_run_details");
  await admin.query(
    `INSERT INTO cron.job_run_details (jobid, runid, status, start_time, end_time) VALUES
       (-1, 1, 'starting', NULL, NULL), (-1, 2, 'failed', now() - interval '31 days', NULL),
       (-1, 3, 'succeeded', now() - interval '29 days', now() - interval '29 days'), (-1, 4, 'starting', NULL, NULL);
     INSERT INTO cron.job_run_details (jobid, runid, status, start_time, end_time)
     SELECT jobid, run, status, now() - interval '3 days', now() - interval '3 days'
     FROM cron.job, (VALUES (5, 'succeeded'), (6, 'failed')) AS runs (run, status) WHERE jobname = 'platform-run-upkeep'`,
  );
  await admin.query("SELECT platform.forget_old_job_runs()");
  expect(await rows(admin, "SELECT runid::int FROM cron.job_run_details ORDER BY 1")).toEqual([3, 4, 6]);
});

test("sizes and use are recorded once a day, and forgotten after 400", async () => {
  await admin.query("INSERT INTO platform.table_size_history VALUES (now()::date - 401, 's', 't', 1, 1, 1)");
  for (const name of ["record_table_sizes", "record_index_usage", "record_table_sizes"])
    await upkeep.query(`SELECT platform.${name}()`);
  expect(
    await rows(
      admin,
      `SELECT count(*)::int, count(*) FILTER (WHERE table_name = 'dgm_archive')::int FROM platform.table_size_history
       UNION ALL SELECT min(timeline), count(*) FILTER (WHERE index_name = 'idx_dgm_archive_tags')::int
       FROM platform.index_usage_history`,
    ),
  ).toEqual([
    [expect.any(Number), 1],
    [1, 1],
  ]);
  // Grown since a week ago.
  await admin.query(
    `UPDATE platform.table_size_history SET measured_on = measured_on - 8, table_bytes = 0, index_bytes = 0
     WHERE table_name = 'estimated'`,
  );
  expect(
    await rows(
      admin,
      `SELECT table_name, growth_bytes_7d = total_bytes FROM platform.table_statistics
       WHERE growth_bytes_7d IS NOT NULL`,
    ),
  ).toEqual([["estimated", true]]);
});

test("who may do what", async () => {
  const service = await database.connect("dgm_service");
  const monitor = await database.connect("acgs_monitor");
  for (const call of [
    "plan_daily_upkeep()",
    "run_upkeep()",
    "record_table_sizes()",
    "forget_old_job_runs()",
  ]) {
    expect(await failure(service, `SELECT platform.${call}`)).toBe("42501");
    expect(await failure(monitor, `SELECT platform.${call}`)).toBe("42501");
  }
  expect(await failure(service, "SELECT * FROM platform.upkeep_tasks")).toBe("42501");
  expect(await failure(monitor, "SELECT * FROM platform.upkeep_tasks")).toBeUndefined();
  // Without a password nobody connects as it, and it is no superuser.
  expect(
    await rows(
      admin,
      "SELECT rolsuper, rolcanlogin, rolpassword FROM pg_authid WHERE rolname = 'acgs_upkeep'",
    ),
  ).toEqual([[false, true, null]]);
});

test(
  "pg_cron runs the statements as acgs_upkeep with its settings, and none waits for locks",
  { timeout: 240_000 },
  async () => {
    await makeBloated("rebuilt");
    await makeBloated("blocked");
    await admin.query(
      "SET ROLE acgs_owner; CREATE TABLE dgm.seen (name text, setting text); CREATE TABLE dgm.plain AS SELECT 1 AS x; RESET ROLE",
    );
    const scheduled: [string, string][] = [
      [
        "settings",
        `INSERT INTO dgm.seen SELECT name, setting FROM pg_settings WHERE name IN ('lock_timeout', 'statement_timeout')`,
      ],
      [
        "vacuum",
        "VACUUM (ANALYZE, SKIP_LOCKED, TRUNCATE false) dgm.plain, pg_catalog.pg_class, cron.job_run_details",
      ],
      ["analyze", "ANALYZE (SKIP_LOCKED) dgm.performance_metrics"],
      ["locked", "REINDEX INDEX CONCURRENTLY dgm.blocked_id"],
    ];
    await rows(
      upkeep,
      "SELECT platform.plan_task('reindex', ARRAY['dgm.rebuilt_id'::regclass::oid], 'a test')",
    );
    expect(await one("SELECT platform.run_upkeep()")).toBe("reindex of dgm.rebuilt_id: given to pg_cron");
    // All in the same minute.
    const minute = await one("SELECT schedule FROM cron.job WHERE jobname = 'platform-upkeep-task'");
    for (const [name, statement] of scheduled) {
      await admin.query("SELECT platform.schedule_job($1, $2, $3, 'acgs_upkeep')", [
        `test-${name}`,
        minute,
        statement,
      ]);
    }
    const writer = await database.connect();
    await writer.query("BEGIN; INSERT INTO dgm.blocked VALUES (0)");

    const runs = `SELECT job.jobname, run.status, run.return_message FROM cron.job_run_details run JOIN cron.job USING (jobid)
    WHERE run.status IN ('succeeded', 'failed') AND (job.jobname LIKE 'test-%' OR job.jobname = 'platform-upkeep-task')`;
    // As long as pg_cron's minutes may take.
    const limits = { within: 150_000, every: 500 };
    await eventually("five runs are noted", async () => (await rows(admin, runs)).length >= 5, limits);
    expect(((await rows(admin, runs)) as string[][]).sort()).toEqual([
      ["platform-upkeep-task", "succeeded", "REINDEX"],
      ["test-analyze", "succeeded", "ANALYZE"],
      ["test-locked", "failed", expect.stringContaining("lock timeout")],
      ["test-settings", "succeeded", "INSERT 0 2"],
      ["test-vacuum", "succeeded", "VACUUM"],
    ]);
    await admin.query("SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname LIKE 'test-%'");
    expect(await rows(admin, "SELECT setting FROM dgm.seen ORDER BY name")).toEqual(["2000", "1200000"]);
    expect(
      await rows(
        admin,
        `SELECT relname, last_vacuum IS NOT NULL, last_analyze IS NOT NULL FROM pg_stat_all_tables
       WHERE relname IN ('plain', 'pg_class', 'job_run_details', 'performance_metrics') ORDER BY 1`,
      ),
    ).toEqual([
      ["job_run_details", true, true],
      ["performance_metrics", false, true],
      ["pg_class", true, true],
      ["plain", true, true],
    ]);
    // The one that was blocked has left its half, which the next night removes; the other is as small as it can be.
    expect(await rows(admin, "SELECT index_name, is_leftover FROM platform.invalid_indexes")).toEqual([
      ["blocked_id_ccnew", true],
    ]);
    expect(await one("SELECT platform.run_upkeep()")).toBe("nothing to do");
    expect(
      await tasks(
        "status, message, bytes_after < bytes_before / 5, targets = ARRAY['dgm.rebuilt_id'::regclass::oid]",
      ),
    ).toEqual([["succeeded", "REINDEX", true, true]]);
    await writer.query("ROLLBACK");
  },
);

import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../../testing/eventually.ts";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";
import { giveKeys } from "./settings.ts";

const DENIED = "42501";

let database: StackDatabase;
let admin: pg.Client;
let sessions: Record<string, pg.Client>;

beforeAll(async () => {
  database = await startAppliedDatabase("dgm");
  await giveKeys(database);
  admin = await database.connect();
  const logins = ["dgm_service", "acgs_user", "auth_service", "acgs_readonly", "acgs_monitor"];
  sessions = Object.fromEntries(
    await Promise.all(logins.map(async (login) => [login, await database.connect(login)] as const)),
  );
});
afterAll(() => database?.stop());

const WRITES = "INSERT INTO dgm.dgm_archive (description) VALUES ('x')";

describe("privileges", () => {
  test.each([
    ["dgm_service", WRITES, undefined],
    ["dgm_service", "SELECT dgm.daily_partition_maintenance()", undefined],
    ["dgm_service", "SELECT dgm.aggregate_metrics('hour', now())", undefined],
    ["dgm_service", "SELECT dgm.refresh_statistics()", undefined],
    ["dgm_service", "SELECT dgm.cleanup_old_partitions(12)", DENIED],
    ["dgm_service", "SELECT dgm.forget_unreferenced_improvements()", DENIED],
    ["dgm_service", "DELETE FROM dgm.improvements", DENIED],
    ["dgm_service", "UPDATE dgm.improvements SET status = 'pending'", DENIED],
    ["dgm_service", "INSERT INTO dgm.improvements VALUES (gen_random_uuid(), now(), 'pending')", DENIED],
    ["dgm_service", "DROP TABLE dgm.bandit_states", DENIED],
    ["dgm_service", "ALTER TABLE dgm.bandit_states ADD COLUMN x int", DENIED],
    ["dgm_service", "TRUNCATE dgm.dgm_archive", DENIED],
    ["dgm_service", "CREATE TABLE dgm.mine (x int)", DENIED],
    ["dgm_service", "CREATE TABLE public.mine (x int)", DENIED],
    ["dgm_service", "UPDATE platform.partition_policies SET retention_months = 1", DENIED],
    ["dgm_service", "SELECT * FROM platform.maintain_partitions('dgm')", DENIED],
    ["dgm_service", "SELECT platform.drop_months('dgm.dgm_archive', now())", DENIED],
    ["dgm_service", "SELECT platform.schedule_job('j', '* * * * *', 'SELECT 1', 'postgres')", DENIED],
    ["dgm_service", "SELECT pgbouncer.get_auth('dgm_service')", DENIED],
    ["acgs_user", WRITES, undefined],
    ["acgs_user", "SELECT dgm.daily_partition_maintenance()", DENIED],
    ["acgs_user", "SELECT dgm.cleanup_old_partitions(12)", DENIED],
    ["acgs_user", "DELETE FROM dgm.improvements", DENIED],
    ["auth_service", "SELECT * FROM dgm.dgm_archive", DENIED],
    ["auth_service", "SELECT platform.is_constitutional_hash('cdd01ef066bc6cf2')", undefined],
    ["acgs_readonly", "SELECT * FROM dgm.dgm_archive", undefined],
    ["acgs_readonly", "SELECT * FROM dgm.index_usage", undefined],
    ["acgs_readonly", "SELECT * FROM dgm.slow_queries", undefined],
    ["acgs_readonly", "SELECT * FROM dgm.partition_sizes", undefined],
    ["acgs_readonly", WRITES, DENIED],
    ["acgs_readonly", "DELETE FROM dgm.system_configurations", DENIED],
    ["acgs_readonly", "SELECT dgm.daily_partition_maintenance()", DENIED],
    ["acgs_monitor", "SELECT * FROM platform.scheduled_jobs", undefined],
    ["acgs_monitor", "SELECT * FROM platform.partition_policies", undefined],
    ["acgs_monitor", "UPDATE dgm.bandit_states SET pulls = 1", DENIED],
  ])("%s: %s", async (login, statement, expected) => {
    expect(await failure(sessions[login]!, statement)).toBe(expected);
  });

  test("PUBLIC may call nothing and see nothing", async () => {
    expect(
      await rows(
        admin,
        `SELECT p.oid::regprocedure::text FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
         WHERE a.grantee = 0 AND p.pronamespace IN ('dgm'::regnamespace, 'platform'::regnamespace, 'pgbouncer'::regnamespace)
         UNION ALL SELECT c.oid::regclass::text FROM pg_class c, aclexplode(c.relacl) a
         WHERE a.grantee = 0 AND c.relnamespace IN ('dgm'::regnamespace, 'platform'::regnamespace)`,
      ),
    ).toEqual([]);
  });
});

describe("system_configurations", () => {
  test("hold the requirements' numbers with their types", async () => {
    const found = await rows(
      admin,
      "SELECT config_key, value_type, config_value FROM dgm.system_configurations WHERE category <> 'performance' ORDER BY 1",
    );
    expect(found).toEqual([
      ["alert_cooldown_minutes", "integer", 15],
      ["auto_index_creation", "boolean", true],
      ["cache_hit_ratio_threshold", "float", 0.9],
      ["connection_utilization_threshold", "float", 0.8],
      ["constitutional_hash", "string", "cdd01ef066bc6cf2"],
      ["max_alerts_per_hour", "integer", 10],
      ["minimum_compliance_score", "float", 0.95],
      ["partition_by_time", "boolean", true],
      ["partition_retention_days", "integer", 365],
      ["slow_query_count_threshold", "integer", 10],
      ["slow_query_threshold_ms", "float", 200],
    ]);
  });

  test("that are read-only change for nobody, and the owner ends it in a step of its own", async () => {
    const change =
      "UPDATE dgm.system_configurations SET config_value = '30' WHERE config_key = 'partition_retention_days'";
    const unlock =
      "UPDATE dgm.system_configurations SET is_read_only = false WHERE config_key = 'partition_retention_days'";
    const both = change.replace("WHERE", ", is_read_only = false WHERE");
    const remove = "DELETE FROM dgm.system_configurations WHERE config_key = 'partition_retention_days'";
    for (const statement of [change, unlock, both, remove]) {
      expect(await failure(sessions.dgm_service!, statement)).toBe(DENIED);
    }
    for (const statement of [change, both, remove]) expect(await failure(admin, statement)).toBe(DENIED);
    expect(await failure(admin, unlock)).toBeUndefined();
    expect(await failure(sessions.dgm_service!, change)).toBeUndefined();
  });

  test("count their versions and keep the value before, but not a sensitive one", async () => {
    const set = "UPDATE dgm.system_configurations SET config_value = $2 WHERE config_key = $1";
    const read =
      "SELECT version, previous_value, updated_by FROM dgm.system_configurations WHERE config_key = $1";
    await sessions.dgm_service!.query(set, ["max_alerts_per_hour", "20"]);
    expect(await failure(sessions.acgs_user!, set, ["max_alerts_per_hour", "30"])).toBe(DENIED);
    expect(await rows(admin, read, ["max_alerts_per_hour"])).toEqual([[2, 10, "dgm_service"]]);
    await sessions.dgm_service!.query(
      `INSERT INTO dgm.system_configurations (config_key, category, value_type, config_value, is_sensitive)
       VALUES ('api_key', 'integration', 'string', '"a"', true)`,
    );
    await sessions.dgm_service!.query(set, ["api_key", '"b"']);
    expect(await rows(admin, read, ["api_key"])).toEqual([[2, null, "dgm_service"]]);
  });

  test("that are sensitive are seen by the service alone", async () => {
    const look = "SELECT count(*)::int FROM dgm.system_configurations WHERE is_sensitive";
    expect(await rows(sessions.dgm_service!, look)).toEqual([1]);
    for (const login of ["acgs_user", "acgs_readonly", "acgs_monitor"]) {
      expect(await rows(sessions[login]!, look)).toEqual([0]);
    }
    const hide =
      "UPDATE dgm.system_configurations SET is_sensitive = true WHERE config_key = 'max_alerts_per_hour'";
    expect(await failure(sessions.acgs_user!, hide)).toBe(DENIED);
  });
});

describe("every repeatable file", () => {
  test("runs again without a change, and what operators set stays", async () => {
    await admin.query("UPDATE dgm.bandit_states SET exploration_rate = 0.42 WHERE algorithm_type = 'ucb1'");
    const picture = (): Promise<unknown[]> => rows(admin, PICTURE);
    const before = await picture();
    expect(before.length).toBeGreaterThan(100);
    await admin.query("DELETE FROM deploy.ledger WHERE kind = 'repeatable'");
    const ran = await database.apply();
    expect(ran.filter((file) => file.includes("/V"))).toEqual([]);
    expect(ran.length).toBeGreaterThan(15);
    expect(await picture()).toEqual(before);
    expect(
      await rows(admin, "SELECT exploration_rate::text FROM dgm.bandit_states WHERE algorithm_type = 'ucb1'"),
    ).toEqual(["0.42"]);
    expect(await rows(admin, "SELECT count(*)::int FROM dgm.bandit_states")).toEqual([3]);
    expect(await database.apply()).toEqual([]);
  });
});

describe("the scheduled jobs", () => {
  test("are there once each, under logins that may do just that", async () => {
    expect(
      await rows(
        admin,
        "SELECT job_name, login, active FROM platform.scheduled_jobs WHERE job_name LIKE 'dgm-%' ORDER BY 1",
      ),
    ).toEqual([
      ["dgm-aggregate-metrics-daily", "dgm_service", true],
      ["dgm-aggregate-metrics-hourly", "dgm_service", true],
      ["dgm-daily-partition-maintenance", "acgs_upkeep", true],
      ["dgm-forget-unreferenced-improvements", "acgs_upkeep", true],
      ["dgm-refresh-statistics", "acgs_upkeep", true],
    ]);
  });

  test("run: pg_cron does the partition maintenance", { timeout: 150_000 }, async () => {
    const lost = (
      await rows(
        admin,
        "SELECT partition::text FROM platform.month_partitions('dgm.performance_metrics') ORDER BY lower_bound DESC LIMIT 1",
      )
    )[0] as string;
    await admin.query(`DROP TABLE ${lost}`);
    await admin.query(
      `SELECT platform.schedule_job(jobname, '* * * * *', command, username) FROM cron.job
       WHERE jobname = 'dgm-daily-partition-maintenance'`,
    );
    const ended = async () => {
      const last = await rows(
        sessions.acgs_monitor!,
        "SELECT last_status FROM platform.scheduled_jobs WHERE job_name = 'dgm-daily-partition-maintenance'",
      );
      return ["succeeded", "failed"].includes(String(last[0])) && last;
    };
    const limits = { within: 130_000, every: 500 };
    expect(await eventually("pg_cron has run the job", ended, limits)).toEqual(["succeeded"]);
    expect(await rows(admin, "SELECT to_regclass($1) IS NOT NULL", [lost])).toEqual([true]);
  });
});

/** All that the files make, in words: objects with definitions, privileges and comments, jobs, seeded rows. */
const PICTURE = `
  SELECT 'relation ' || c.oid::regclass || ' ' || c.relkind::text || ' ' || coalesce(c.relacl::text, '') || ' '
         || coalesce(c.reloptions::text, '') || ' ' || coalesce(obj_description(c.oid, 'pg_class'), '') AS item
  FROM pg_class c WHERE c.relnamespace IN ('dgm'::regnamespace, 'platform'::regnamespace)
  UNION ALL SELECT 'function ' || p.oid::regprocedure || ' ' || p.proacl::text || ' ' || md5(pg_get_functiondef(p.oid))
  FROM pg_proc p WHERE p.pronamespace IN ('dgm'::regnamespace, 'platform'::regnamespace, 'pgbouncer'::regnamespace)
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE c.relnamespace = 'dgm'::regnamespace AND NOT t.tgisinternal
  UNION ALL SELECT 'index ' || pg_get_indexdef(i.indexrelid) || i.indisvalid::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  WHERE c.relnamespace = 'dgm'::regnamespace
  UNION ALL SELECT concat('job ', j.jobid, j.jobname, j.schedule, j.username) FROM cron.job j
  UNION ALL SELECT concat('setting ', s.config_key, s.config_value, s.version) FROM dgm.system_configurations s
  UNION ALL SELECT 'policy ' || p::text FROM platform.partition_policies p
  ORDER BY item`;

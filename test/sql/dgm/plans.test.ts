import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

let database: StackDatabase;
let service: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("dgm");
  service = await database.connect("dgm_service");
  for (const statement of LOAD) await service.query(statement);
  await service.query("SELECT dgm.refresh_statistics()");
  // As autovacuum would in a while: until then the planner counts the pending entries of GIN indexes.
  const superuser = await database.connect();
  await superuser.query(
    "VACUUM dgm.performance_metrics, dgm.dgm_archive, dgm.constitutional_compliance_logs",
  );
});
afterAll(() => database?.stop());

/** Rows of the last 20 days, spread as the service spreads them: few bad ones, many services and metrics. */
const LOAD = [
  `INSERT INTO dgm.performance_metrics (timestamp, service_name, metric_type, metric_name, metric_value, tags)
   SELECT now() - random() * interval '20 days', 'svc' || i % 40, (ARRAY['latency', 'throughput', 'error_rate'])[1 + i % 3],
          'metric_' || i % 400, random() * 100, jsonb_build_object('host', 'h' || i % 200)
   FROM generate_series(1, 100000) AS i`,
  `INSERT INTO dgm.dgm_archive (created_at, timestamp, status, constitutional_compliance_score, metadata, tags)
   SELECT at, at, (ARRAY['pending', 'running', 'completed', 'failed', 'rolled_back'])[1 + i % 5],
          round(random()::numeric, 2), jsonb_build_object('k', i), jsonb_build_array('t' || i % 200)
   FROM (SELECT i, now() - random() * interval '20 days' AS at FROM generate_series(1, 30000) AS i) AS made`,
  `INSERT INTO dgm.constitutional_compliance_logs (timestamp, assessed_at, service_name, compliance_level, compliance_score, violations)
   SELECT at, at, 'svc' || i % 40, (ARRAY['compliant', 'exemplary', 'warning', 'violation', 'critical'])[1 + (random() ^ 4 * 4.99)::int % 5],
          0.9, jsonb_build_array('v' || i % 1000)
   FROM (SELECT i, now() - random() * interval '20 days' AS at FROM generate_series(1, 30000) AS i) AS made`,
  `INSERT INTO dgm.bandit_states (context_key, arm_id, algorithm_type, average_reward)
   SELECT 'c' || i % 500, 'a' || i, 'ucb1', random() FROM generate_series(1, 20000) AS i`,
  `INSERT INTO dgm.improvement_workspaces (improvement_id, status)
   SELECT improvement_id, (ARRAY['pending', 'active', 'testing', 'completed', 'completed', 'completed', 'failed', 'archived'])[1 + (random() * 7.99)::int % 8]
   FROM dgm.improvements LIMIT 15000`,
];

/** The top-level index of every index that a plan reads, once. */
async function indexesOf(query: string): Promise<unknown[]> {
  const [plan] = await rows(service, `EXPLAIN (FORMAT json) ${query}`);
  const names = [...JSON.stringify(plan).matchAll(/"Index Name":"([^"]+)"/g)].map((match) => match[1]);
  return rows(
    service,
    `SELECT DISTINCT coalesce(pg_partition_root(i), i)::regclass::text
     FROM unnest($1::text[]) AS name, LATERAL (SELECT ('dgm.' || quote_ident(name))::regclass AS i) AS found ORDER BY 1`,
    [names],
  );
}

test.each([
  ["idx_dgm_archive_status", `dgm.dgm_archive WHERE status = 'completed' ORDER BY created_at DESC LIMIT 20`],
  [
    "idx_dgm_archive_status_timestamp",
    `dgm.dgm_archive WHERE status = 'completed' ORDER BY timestamp DESC LIMIT 20`,
  ],
  [
    "idx_dgm_archive_status_score_created",
    `dgm.dgm_archive WHERE status = 'completed' ORDER BY constitutional_compliance_score DESC, created_at DESC LIMIT 20`,
  ],
  ["idx_dgm_archive_metadata", `dgm.dgm_archive WHERE metadata @> '{"k": 7}'`],
  ["idx_dgm_archive_tags", `dgm.dgm_archive WHERE tags ? 't7'`],
  [
    "idx_performance_metrics_service",
    `dgm.performance_metrics WHERE service_name = 'svc1' ORDER BY timestamp DESC LIMIT 50`,
  ],
  [
    "idx_performance_metrics_composite",
    `dgm.performance_metrics WHERE service_name = 'svc1' AND metric_type = 'latency' AND timestamp > now() - interval '1 day' ORDER BY timestamp DESC`,
  ],
  [
    "idx_performance_metrics_name_timestamp",
    `dgm.performance_metrics WHERE metric_name = 'metric_1' AND timestamp > now() - interval '1 day' ORDER BY timestamp DESC`,
  ],
  ["idx_performance_metrics_tags", `dgm.performance_metrics WHERE tags @> '{"host": "h7"}'`],
  [
    "idx_compliance_logs_service_level",
    `dgm.constitutional_compliance_logs WHERE service_name = 'svc1' AND compliance_level = 'violation' ORDER BY assessed_at DESC LIMIT 20`,
  ],
  [
    "idx_compliance_logs_critical",
    `dgm.constitutional_compliance_logs WHERE compliance_level IN ('violation', 'critical') ORDER BY timestamp DESC LIMIT 20`,
  ],
  ["idx_compliance_logs_violations", `dgm.constitutional_compliance_logs WHERE violations ? 'v7'`],
  [
    "idx_bandit_states_context_arm",
    `dgm.bandit_states WHERE context_key = 'c1' AND arm_id = 'a1' ORDER BY last_updated DESC LIMIT 1`,
  ],
  [
    "idx_bandit_states_context_reward",
    `dgm.bandit_states WHERE context_key = 'c1' ORDER BY average_reward DESC, last_updated DESC LIMIT 1`,
  ],
  [
    "idx_workspaces_status_created",
    `dgm.improvement_workspaces WHERE status = 'testing' ORDER BY created_at DESC LIMIT 10`,
  ],
  [
    "idx_workspaces_active",
    `dgm.improvement_workspaces WHERE status IN ('active', 'pending') ORDER BY created_at DESC LIMIT 10`,
  ],
])("%s serves the query it is for", async (index, query) => {
  expect(await indexesOf(`SELECT * FROM ${query}`)).toEqual([`dgm.${index}`]);
});

test("idx_compliance_logs_level serves its query where there are rows", async () => {
  // In empty months the planner may as well take the partial index: both are one page.
  const query = `dgm.constitutional_compliance_logs WHERE compliance_level = 'warning' ORDER BY timestamp DESC LIMIT 20`;
  expect(await indexesOf(`SELECT * FROM ${query}`)).toEqual(["dgm.idx_compliance_logs_level"]);
});

test("a status that is asked for, and a time, leave one partition of the archive", async () => {
  const [plan] = await rows(
    service,
    `EXPLAIN (FORMAT json) SELECT count(*) FROM dgm.dgm_archive
     WHERE status = 'failed' AND created_at >= '${new Date().toISOString()}' AND created_at < '${new Date(Date.now() + 1000).toISOString()}'`,
  );
  expect(JSON.stringify(plan).match(/"Relation Name"/g)).toHaveLength(1);
});

test("dgm.index_usage adds up what the partitions' indexes did", async () => {
  const monitor = await database.connect("acgs_monitor");
  for (let i = 0; i < 20; i++) {
    await service.query(
      "SELECT * FROM dgm.dgm_archive WHERE status = 'completed' ORDER BY created_at DESC LIMIT 20",
    );
  }
  await service.query("SELECT pg_stat_force_next_flush()");
  const used = (await rows(
    monitor,
    "SELECT idx_scan, physical_indexes FROM dgm.index_usage WHERE index_name = 'idx_dgm_archive_status' ORDER BY idx_scan DESC",
  )) as [string, string][];
  expect(Number(used[0]?.[0])).toBeGreaterThanOrEqual(20);
  expect(Number(used[0]?.[1])).toBe(25);
});

test("dgm.slow_queries lists what is slower than the setting says, in this database only", async () => {
  const monitor = await database.connect("acgs_monitor");
  await service.query("SELECT pg_sleep(0.25)");
  const elsewhere = "SELECT count(*)::int FROM dgm.slow_queries WHERE query LIKE 'CREATE DATABASE%'";
  expect(await rows(monitor, elsewhere)).toEqual([0]);
  const slow =
    "SELECT login FROM dgm.slow_queries WHERE query LIKE '%pg_sleep%' AND query NOT LIKE '%slow_queries%'";
  expect(await rows(monitor, slow)).toEqual(["dgm_service"]);
  await service.query(
    "UPDATE dgm.system_configurations SET config_value = '100000' WHERE config_key = 'slow_query_threshold_ms'",
  );
  expect(await rows(monitor, slow)).toEqual([]);
});

test("dgm.partition_sizes knows every partition with its range", async () => {
  const sizes = await rows(
    service,
    `SELECT table_name, count(*)::int, bool_and(total_bytes >= table_bytes + index_bytes), count(list_bound)::int,
            sum(estimated_rows)::int
     FROM dgm.partition_sizes GROUP BY table_name ORDER BY table_name`,
  );
  expect(sizes).toEqual([
    ["constitutional_compliance_logs", 5, true, 0, 30000],
    ["dgm_archive", 25, true, 25, 30000],
    ["performance_metrics", 5, true, 0, 100000],
  ]);
});

test("dgm.aggregate_metrics condenses whole windows, and again without doubling", async () => {
  const call = "SELECT dgm.aggregate_metrics('day', now() - interval '3 days')";
  const [first] = await rows(service, call);
  expect(Number(first)).toBeGreaterThan(0);
  expect(await rows(service, call)).toEqual([first]);
  const wrong = await rows(
    service,
    `SELECT a.id FROM dgm.metric_aggregations a JOIN LATERAL (
       SELECT count(*) AS n, avg(metric_value) AS mean, percentile_cont(0.95) WITHIN GROUP (ORDER BY metric_value) AS p95
       FROM dgm.performance_metrics m WHERE m.service_name = a.service_name AND m.metric_type = a.metric_type
         AND m.metric_name = a.metric_name AND m.timestamp >= a.window_start AND m.timestamp < a.window_end) AS m ON true
     WHERE a.sample_count <> m.n OR abs(a.value_avg - m.mean) > 1e-9 OR a.value_p95 <> m.p95 OR a.window_end > now()`,
  );
  expect(wrong).toEqual([]);
  await expect(service.query("SELECT dgm.aggregate_metrics('fortnight', now())")).rejects.toMatchObject({
    code: "22023",
  });
});

import type { ServiceQuery } from "../plans/seedQuery.ts";
import { source } from "./sources.ts";

const SCHEMA = source("analysis", "Darwin Gödel Machine Service Schema");
const INDEXING = source("design", "Indexing Strategy");
const COMPOSITE = source("optimization", "Composite Indexes");
const PARTIAL = source("optimization", "Partial Indexes");
const GIN = source("optimization", "GIN Indexes for JSONB");

/** What the requirements ask of `dgm`, and what follows from them. */
export const dgmQueries: ServiceQuery[] = [
  {
    title: "Latest improvements of a status",
    source: SCHEMA,
    sql: "SELECT * FROM dgm_archive WHERE status = 'completed' ORDER BY created_at DESC LIMIT 20",
    indexes: ["idx_dgm_archive_status"],
    note: "Of each month one sub-partition is read, the one of the status.",
  },
  {
    title: "Improvements that reached a status last",
    source: INDEXING,
    sql: "SELECT * FROM dgm_archive WHERE status = 'completed' ORDER BY timestamp DESC LIMIT 20",
    indexes: ["idx_dgm_archive_status_timestamp"],
  },
  {
    title: "Best improvements of a status",
    source: COMPOSITE,
    sql: `SELECT * FROM dgm_archive WHERE status = 'completed'
ORDER BY constitutional_compliance_score DESC, created_at DESC LIMIT 20`,
    indexes: ["idx_dgm_archive_status_score_created"],
  },
  {
    title: "Improvements by metadata",
    source: GIN,
    sql: `SELECT * FROM dgm_archive WHERE metadata @> '{"proposal": 7}'`,
    indexes: ["idx_dgm_archive_metadata"],
  },
  {
    title: "Improvements by tag",
    source: GIN,
    sql: "SELECT * FROM dgm_archive WHERE tags ? 'tag_7'",
    indexes: ["idx_dgm_archive_tags"],
  },
  {
    title: "Latest metrics of a service",
    source: SCHEMA,
    sql: "SELECT * FROM performance_metrics WHERE service_name = 'service_1' ORDER BY timestamp DESC LIMIT 50",
    indexes: ["idx_performance_metrics_service"],
  },
  {
    title: "A service's metrics of one type",
    source: INDEXING,
    sql: `SELECT * FROM performance_metrics
WHERE service_name = 'service_1' AND metric_type = 'latency' AND timestamp > now() - interval '1 day'
ORDER BY timestamp DESC`,
    indexes: ["idx_performance_metrics_composite"],
  },
  {
    title: "The course of one metric",
    source: COMPOSITE,
    sql: `SELECT timestamp, metric_value FROM performance_metrics
WHERE metric_name = 'metric_1' AND timestamp > now() - interval '7 days'
ORDER BY timestamp DESC`,
    indexes: ["idx_performance_metrics_name_timestamp"],
  },
  {
    title: "Recent metrics",
    source: PARTIAL,
    sql: `SELECT timestamp, metric_value FROM performance_metrics
WHERE metric_name = 'metric_1' AND timestamp > NOW() - INTERVAL '30 days'
ORDER BY timestamp DESC`,
    indexes: ["idx_performance_metrics_name_timestamp"],
    note:
      "The requirements' partial index on the last 30 days cannot be: `NOW()` is not immutable, and rows would have to " +
      "leave such an index by themselves. Partitions do what it was for: two months are read, the others are pruned.",
  },
  {
    title: "Metrics by tag",
    source: GIN,
    sql: `SELECT * FROM performance_metrics WHERE tags @> '{"host": "host_7"}'`,
    indexes: ["idx_performance_metrics_tags"],
  },
  {
    title: "Metrics of an improvement",
    source: source("design", "DGM Archive, Relationships"),
    sql: "SELECT * FROM performance_metrics WHERE improvement_id = $1 ORDER BY timestamp DESC",
    values: ["SELECT min(improvement_id::text) FROM performance_metrics"],
    indexes: ["idx_performance_metrics_improvement"],
  },
  {
    title: "Condensed metrics",
    source: source("design", "Performance Metrics, Aggregation Support"),
    sql: `SELECT window_start, value_avg, value_p95 FROM metric_aggregations
WHERE service_name = 'service_1' AND metric_type = 'latency' AND metric_name = 'metric_1' AND window_size = 'hour'
  AND window_start > now() - interval '7 days'
ORDER BY window_start`,
    indexes: ["metric_aggregations_window_key"],
  },
  {
    title: "Latest assessments of a level",
    source: SCHEMA,
    sql: `SELECT * FROM constitutional_compliance_logs WHERE compliance_level = 'warning'
ORDER BY timestamp DESC LIMIT 20`,
    indexes: ["idx_compliance_logs_level"],
  },
  {
    title: "A service's assessments of a level",
    source: INDEXING,
    sql: `SELECT * FROM constitutional_compliance_logs
WHERE service_name = 'service_1' AND compliance_level = 'violation'
ORDER BY assessed_at DESC LIMIT 20`,
    indexes: ["idx_compliance_logs_service_level"],
  },
  {
    title: "Critical compliance",
    source: PARTIAL,
    sql: `SELECT * FROM constitutional_compliance_logs WHERE compliance_level IN ('violation', 'critical')
ORDER BY timestamp DESC LIMIT 20`,
    indexes: ["idx_compliance_logs_critical"],
  },
  {
    title: "Assessments by violation",
    source: GIN,
    sql: "SELECT * FROM constitutional_compliance_logs WHERE violations ? 'article_7'",
    indexes: ["idx_compliance_logs_violations"],
  },
  {
    title: "Assessments of an improvement",
    source: source("design", "DGM Archive, Relationships"),
    sql: "SELECT * FROM constitutional_compliance_logs WHERE improvement_id = $1 ORDER BY timestamp DESC",
    values: ["SELECT min(improvement_id::text) FROM constitutional_compliance_logs"],
    indexes: ["idx_compliance_logs_improvement"],
  },
  {
    title: "State of an arm",
    source: INDEXING,
    sql: `SELECT * FROM bandit_states WHERE context_key = 'context_1' AND arm_id = 'arm_1'
ORDER BY last_updated DESC LIMIT 1`,
    indexes: ["idx_bandit_states_context_arm"],
  },
  {
    title: "Best arm of a context",
    source: COMPOSITE,
    sql: `SELECT * FROM bandit_states WHERE context_key = 'context_1'
ORDER BY average_reward DESC, last_updated DESC LIMIT 1`,
    indexes: ["idx_bandit_states_context_reward"],
  },
  {
    title: "Latest workspaces of a status",
    source: INDEXING,
    sql: "SELECT * FROM improvement_workspaces WHERE status = 'testing' ORDER BY created_at DESC LIMIT 10",
    indexes: ["idx_workspaces_status_created"],
  },
  {
    title: "Active workspaces",
    source: PARTIAL,
    sql: `SELECT * FROM improvement_workspaces WHERE status IN ('active', 'pending')
ORDER BY created_at DESC LIMIT 10`,
    indexes: ["idx_workspaces_active"],
  },
  {
    title: "Workspace of an improvement",
    source: source("design", "DGM Archive, Relationships"),
    sql: "SELECT * FROM improvement_workspaces WHERE improvement_id = $1",
    values: ["SELECT min(improvement_id::text) FROM improvement_workspaces"],
    indexes: ["improvement_workspaces_improvement_id_key"],
  },
  {
    title: "A setting",
    source: source("design", "System Configuration"),
    sql: "SELECT config_value FROM system_configurations WHERE config_key = 'slow_query_threshold_ms'",
    indexes: [],
    readsWhole: ["system_configurations"],
    note:
      "The handful of settings is one page: reading it is cheaper than any index. With many more the server takes the " +
      "key `system_configurations_config_key_key` by itself.",
  },
];

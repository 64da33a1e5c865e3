import type { ServiceQuery } from "../plans/seedQuery.ts";
import { source } from "./sources.ts";

const SCHEMA = source("analysis", "Policy Governance Service Schema, Key Indexes");
const TARGETS = source("analysis", "Performance Targets, Policy decisions");

/** What the requirements ask of `pgc`, and what follows from them. */
export const pgcQueries: ServiceQuery[] = [
  {
    title: "Decisions of the last hour",
    source: source("analysis", "Query Performance Analysis, pattern 1"),
    sql: `SELECT * FROM policy_decisions
WHERE created_at > NOW() - INTERVAL '1 hour'
ORDER BY created_at DESC`,
    indexes: ["idx_policy_decisions_created"],
    note:
      "The requirements' problematic query, as they wrote it: other months are pruned, and in this one the index has the " +
      "hour's rows in their order. No table is scanned, nothing is sorted.",
  },
  {
    title: "Latest decisions",
    source: SCHEMA,
    sql: "SELECT * FROM policy_decisions ORDER BY decision_time DESC LIMIT 50",
    indexes: ["idx_policy_decisions_timestamp"],
    note:
      "Partitions follow the time of arrival, so each month's latest row is looked at. Who can, asks by `created_at`, " +
      "as above.",
  },
  {
    title: "Latest decisions of a policy",
    source: SCHEMA,
    sql: "SELECT * FROM policy_decisions WHERE policy_id = $1 ORDER BY decision_time DESC LIMIT 50",
    values: ["SELECT min(policy_id::text) FROM policy_decisions"],
    indexes: ["idx_policy_decisions_policy"],
  },
  {
    title: "How policies decided in the last day",
    source: source("analysis", "Phase 1, Index Optimization"),
    sql: `SELECT policy_id, decision, count(*), avg(evaluation_time_us)
FROM policy_decisions
WHERE decision_time > now() - interval '1 day'
GROUP BY policy_id, decision`,
    indexes: ["idx_policy_decisions_time_policy"],
    note: "Decision and duration are in the index too: no row is read.",
  },
  {
    title: "Policies of a status, by priority",
    source: SCHEMA,
    sql: "SELECT * FROM active_policies WHERE status = 'suspended' ORDER BY priority DESC LIMIT 20",
    indexes: ["idx_active_policies_status"],
  },
  {
    title: "Policies that apply in a scope",
    source: TARGETS,
    sql: "SELECT * FROM active_policies WHERE scope = 'service_7' AND status = 'active' ORDER BY priority DESC",
    indexes: ["idx_active_policies_scope"],
    note: "What a decision begins with: one scan, in the order in which policies win.",
  },
  {
    title: "Rule in force by name",
    source: source("summary", "Phase 2, Governance Indexes"),
    sql: "SELECT * FROM policy_rules WHERE name = 'rule_7' AND is_active = true",
    indexes: ["idx_policy_rules_name_active"],
  },
  {
    title: "Rules that apply to an action",
    source: TARGETS,
    sql: `SELECT * FROM policy_rules
WHERE resource_type = 'resource_7' AND action = 'read' AND is_active = true
ORDER BY priority DESC`,
    indexes: ["idx_policy_rules_applicable"],
  },
  {
    title: "Latest enforcements of a kind",
    source: SCHEMA,
    sql: "SELECT * FROM enforcement_logs WHERE action_type = 'block' ORDER BY created_at DESC LIMIT 50",
    indexes: ["idx_enforcement_logs_action"],
  },
];

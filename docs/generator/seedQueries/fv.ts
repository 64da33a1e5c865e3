import type { ServiceQuery } from "../plans/seedQuery.ts";
import { source } from "./sources.ts";

const SCHEMA = source("analysis", "Formal Verification Service Schema, Key Indexes");

/** What the requirements ask of `fv`, and what follows from them. */
export const fvQueries: ServiceQuery[] = [
  {
    title: "Latest result of a policy",
    source: SCHEMA,
    sql: "SELECT * FROM verification_results WHERE policy_id = $1 ORDER BY created_at DESC LIMIT 1",
    values: ["SELECT min(policy_id::text) FROM verification_results"],
    indexes: ["idx_verification_results_policy"],
  },
  {
    title: "Results that wait for the solver",
    source: SCHEMA,
    sql: "SELECT * FROM verification_results WHERE verification_status = 'pending'",
    indexes: ["idx_verification_results_status"],
    note: "For a status that most rows have, such as `verified`, reading the whole table is cheaper, and the server does.",
  },
  {
    title: "Properties to verify, by priority",
    source: SCHEMA,
    sql: "SELECT * FROM safety_properties WHERE is_active = true ORDER BY priority LIMIT 20",
    indexes: ["idx_safety_properties_active"],
  },
];

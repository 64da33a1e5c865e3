import type { ServiceQuery } from "../plans/seedQuery.ts";
import { source } from "./sources.ts";

const SCHEMA = source("analysis", "Constitutional AI Service Schema, Key Indexes");
const SLOW = source("analysis", "Query Performance Analysis, pattern 3");
const VIEWS = source("analysis", "Phase 2, Materialized Views");

/** What the requirements ask of `ac`, and what follows from them. */
export const acQueries: ServiceQuery[] = [
  {
    title: "Weightiest principles",
    source: SCHEMA,
    sql: "SELECT * FROM principles ORDER BY priority_weight DESC, updated_at DESC LIMIT 10",
    indexes: ["idx_principles_priority"],
  },
  {
    title: "Principles in force of a category",
    source: SCHEMA,
    sql: "SELECT * FROM principles WHERE is_active = true AND category = 'category_7'",
    indexes: ["idx_principles_active"],
  },
  {
    title: "Latest checks",
    source: SCHEMA,
    sql: "SELECT * FROM compliance_checks ORDER BY created_at DESC LIMIT 50",
    indexes: ["idx_compliance_checks_timestamp"],
  },
  {
    title: "Latest checks of a principle",
    source: source("analysis", "Phase 1, Index Optimization"),
    sql: "SELECT * FROM compliance_checks WHERE principle_id = $1 ORDER BY created_at DESC LIMIT 50",
    values: ["SELECT min(principle_id::text) FROM compliance_checks"],
    indexes: ["idx_compliance_checks_principle_time"],
  },
  {
    title: "Mean score of each principle in the last day",
    source: SLOW,
    sql: `SELECT AVG(compliance_score)
FROM compliance_checks
WHERE created_at > NOW() - INTERVAL '1 day'
GROUP BY principle_id`,
    indexes: ["idx_compliance_checks_timestamp"],
    note:
      "The requirements' expensive aggregation, as they wrote it. Principle and score are in the index, so it reads that " +
      "day's part of it and no row.",
  },
  {
    title: "What the summary is made of",
    source: VIEWS,
    sql: `SELECT principle_id, AVG(compliance_score) as avg_score,
       COUNT(*) as check_count
FROM compliance_checks
WHERE created_at > NOW() - INTERVAL '7 days'
GROUP BY principle_id`,
    indexes: ["idx_compliance_checks_timestamp"],
    note: "Asked every ten minutes by a job, instead of by each reader.",
  },
  {
    title: "Compliance of a principle",
    source: VIEWS,
    sql: "SELECT avg_score, check_count FROM compliance_summary WHERE principle_id = $1",
    values: ["SELECT min(principle_id::text) FROM compliance_summary"],
    indexes: ["compliance_summary_principle_id_key"],
  },
];

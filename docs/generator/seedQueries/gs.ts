import type { ServiceQuery } from "../plans/seedQuery.ts";
import { source } from "./sources.ts";

const SCHEMA = source("analysis", "Governance Synthesis Service Schema, Key Indexes");

/** What the requirements ask of `gs`, and what follows from them. */
export const gsQueries: ServiceQuery[] = [
  {
    title: "Latest policies of a status",
    source: SCHEMA,
    sql: "SELECT * FROM policies WHERE status = 'active' ORDER BY created_at DESC LIMIT 20",
    indexes: ["idx_policies_status"],
  },
  {
    title: "Policies of another constitution",
    source: SCHEMA,
    sql: "SELECT * FROM policies WHERE constitutional_hash = '0000000000000000'",
    indexes: ["idx_policies_constitutional_hash"],
    note:
      "Worth an index while there are few of them. Of the constitution in force nearly all policies are: for that one the " +
      "server reads the table.",
  },
  {
    title: "Generations of a user",
    source: SCHEMA,
    sql: "SELECT * FROM synthesis_history WHERE user_id = $1 ORDER BY created_at DESC LIMIT 20",
    values: ["SELECT min(user_id::text) FROM synthesis_history"],
    indexes: ["idx_synthesis_history_user"],
  },
  {
    title: "Latest calls of models",
    source: SCHEMA,
    sql: "SELECT * FROM llm_interactions ORDER BY created_at DESC LIMIT 50",
    indexes: ["idx_llm_interactions_timestamp"],
    note: "Months come in their order and the first 50 rows are enough: older partitions are in the plan, but not read.",
  },
  {
    title: "Calls of models in the last hour",
    source: SCHEMA,
    sql: "SELECT * FROM llm_interactions WHERE created_at > now() - interval '1 hour' ORDER BY created_at DESC",
    indexes: ["idx_llm_interactions_timestamp"],
  },
];

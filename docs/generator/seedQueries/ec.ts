import type { ServiceQuery } from "../plans/seedQuery.ts";
import { source } from "./sources.ts";

const SCHEMA = source("analysis", "Evolutionary Computation Service Schema, Key Indexes");

/** What the requirements ask of `ec`, and what follows from them. */
export const ecQueries: ServiceQuery[] = [
  {
    title: "Latest metrics",
    source: SCHEMA,
    sql: "SELECT * FROM evolution_metrics ORDER BY created_at DESC LIMIT 50",
    indexes: ["idx_evolution_metrics_timestamp"],
  },
  {
    title: "Metrics of the last hour",
    source: SCHEMA,
    sql: "SELECT * FROM evolution_metrics WHERE created_at > now() - interval '1 hour' ORDER BY created_at DESC",
    indexes: ["idx_evolution_metrics_timestamp"],
  },
  {
    title: "Latest runs of an algorithm",
    source: SCHEMA,
    sql: "SELECT * FROM optimization_history WHERE algorithm_type = 'genetic' ORDER BY created_at DESC LIMIT 20",
    indexes: ["idx_optimization_history_algorithm"],
  },
  {
    title: "WINA states of a context",
    source: SCHEMA,
    sql: "SELECT * FROM wina_states WHERE context_key = 'context_7' ORDER BY updated_at DESC LIMIT 20",
    indexes: ["idx_wina_states_context"],
  },
];

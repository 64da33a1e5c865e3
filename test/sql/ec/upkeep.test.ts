import { testUpkeep } from "../partitionedSchema.ts";

testUpkeep({
  schema: "ec",
  table: "evolution_metrics",
  insert:
    "INSERT INTO ec.evolution_metrics (created_at, metric_name, metric_value) VALUES ($1, 'best_fitness', 1)",
  schedules: { maintenance: "49 1 * * *", statistics: "21 3 * * 0" },
  repeatable: [
    "indexes",
    "maintenance",
    "row_upkeep",
    "statistics",
    "storage",
    "upkeep_policy",
    "upkeep_schedule",
  ],
});

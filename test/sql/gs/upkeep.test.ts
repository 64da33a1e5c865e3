import { testUpkeep } from "../partitionedSchema.ts";

testUpkeep({
  schema: "gs",
  table: "llm_interactions",
  insert:
    "INSERT INTO gs.llm_interactions (created_at, provider, model, prompt, response) VALUES ($1, 'p', 'm', 'q', 'a')",
  schedules: { maintenance: "35 1 * * *", statistics: "9 3 * * 0" },
  repeatable: [
    "indexes",
    "maintenance",
    "policy_versions",
    "row_upkeep",
    "statistics",
    "storage",
    "upkeep_policy",
    "upkeep_schedule",
  ],
});

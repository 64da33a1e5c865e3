-- What the planner should know better than by default. Extended statistics of a partitioned parent reach the
-- partitions made later (platform.create_leaf).

-- A provider has its own models, and few of them: taken as independent, rows are underestimated.
CREATE STATISTICS IF NOT EXISTS gs.llm_interactions_provider_model (ndistinct, dependencies)
ON provider, model FROM gs.llm_interactions;
-- Some users ask for far more than others.
ALTER TABLE gs.synthesis_history ALTER COLUMN user_id SET STATISTICS 200;

COMMENT ON STATISTICS gs.llm_interactions_provider_model IS 'Models belong to providers.';

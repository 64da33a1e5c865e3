-- What the planner should know better than by default. Targets and extended statistics of a partitioned parent reach
-- the partitions made later (platform.create_leaf).

-- Many values, and queries that name one of them.
ALTER TABLE ec.evolution_metrics ALTER COLUMN metric_name SET STATISTICS 200;
ALTER TABLE ec.evolution_metrics ALTER COLUMN optimization_id SET STATISTICS 200;

-- A context has its own arms: taken as independent, rows are underestimated.
CREATE STATISTICS IF NOT EXISTS ec.bandit_arms_context_arm (ndistinct, dependencies)
ON context_key, arm_id, algorithm_type FROM ec.bandit_arms;

COMMENT ON STATISTICS ec.bandit_arms_context_arm IS 'Arms belong to contexts.';

-- acgs: concurrent
-- The indexes of the requirements, under their names, and those that foreign keys need. On a partitioned table the
-- runner builds each partition's index concurrently and attaches it.

-- Metrics. The course of one run is read by idx_evolution_metrics_optimization; partial ones cost those rows nothing
-- that name no run, population or arm.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_evolution_metrics_timestamp
ON ec.evolution_metrics (created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_evolution_metrics_optimization
ON ec.evolution_metrics (optimization_id, metric_name, created_at DESC) WHERE optimization_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_evolution_metrics_population
ON ec.evolution_metrics (population_id) WHERE population_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_evolution_metrics_bandit_arm
ON ec.evolution_metrics (bandit_arm_id) WHERE bandit_arm_id IS NOT NULL;

-- Runs. The populations of a run, and the arms and states of a context: unique keys of those tables.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_optimization_history_algorithm
ON ec.optimization_history (algorithm_type, created_at DESC);

-- WINA.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_wina_states_context
ON ec.wina_states (context_key, updated_at DESC);

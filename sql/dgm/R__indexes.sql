-- acgs: concurrent
-- The indexes of the requirements, under their names, and those that foreign keys need. On a partitioned table the
-- runner builds each partition's index concurrently and attaches it.

-- Archive.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_dgm_archive_status
ON dgm.dgm_archive (status, created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_dgm_archive_status_timestamp
ON dgm.dgm_archive (status, "timestamp" DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_dgm_archive_status_score_created
ON dgm.dgm_archive (status, constitutional_compliance_score DESC, created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_dgm_archive_metadata
ON dgm.dgm_archive USING gin (metadata);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_dgm_archive_tags
ON dgm.dgm_archive USING gin (tags);

-- Metrics. The partial index on the last 30 days which the requirements ask for cannot be (now() is not immutable): a
-- query on them reads two months' partitions at most.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_performance_metrics_service
ON dgm.performance_metrics (service_name, "timestamp" DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_performance_metrics_composite
ON dgm.performance_metrics (service_name, metric_type, "timestamp" DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_performance_metrics_name_timestamp
ON dgm.performance_metrics (metric_name, "timestamp" DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_performance_metrics_tags
ON dgm.performance_metrics USING gin (tags);
-- Most metrics belong to no improvement and no bandit: partial, so that they cost those nothing.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_performance_metrics_improvement
ON dgm.performance_metrics (improvement_id, "timestamp" DESC) WHERE improvement_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_performance_metrics_bandit_state
ON dgm.performance_metrics (bandit_state_id) WHERE bandit_state_id IS NOT NULL;

-- Compliance.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_compliance_logs_level
ON dgm.constitutional_compliance_logs (compliance_level, "timestamp" DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_compliance_logs_service_level
ON dgm.constitutional_compliance_logs (service_name, compliance_level, assessed_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_compliance_logs_critical
ON dgm.constitutional_compliance_logs ("timestamp" DESC) WHERE compliance_level IN ('violation', 'critical');
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_compliance_logs_violations
ON dgm.constitutional_compliance_logs USING gin (violations);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_compliance_logs_improvement
ON dgm.constitutional_compliance_logs (improvement_id, "timestamp" DESC) WHERE improvement_id IS NOT NULL;

-- Bandits.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_bandit_states_context_arm
ON dgm.bandit_states (context_key, arm_id, last_updated DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_bandit_states_context_reward
ON dgm.bandit_states (context_key, average_reward DESC, last_updated DESC);

-- Workspaces.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_workspaces_status_created
ON dgm.improvement_workspaces (status, created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_workspaces_active
ON dgm.improvement_workspaces (created_at DESC) WHERE status IN ('active', 'pending');

-- Registry: what is left when retention has dropped a month.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_improvements_created
ON dgm.improvements (created_at);

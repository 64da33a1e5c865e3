-- What the planner should know better than by default. Targets of a partitioned parent reach the partitions that are
-- there; those made later take them over, and the extended statistics too (platform.create_leaf).

-- Many values, and queries that name one of them. Not finer than this: an ANALYZE reads 300 rows per step of the
-- finest column, and with 1000 one partition of 200,000 rows took 5 s instead of 0.5.
ALTER TABLE dgm.performance_metrics ALTER COLUMN service_name SET STATISTICS 200;
ALTER TABLE dgm.performance_metrics ALTER COLUMN metric_name SET STATISTICS 300;
ALTER TABLE dgm.performance_metrics ALTER COLUMN improvement_id SET STATISTICS 200;
ALTER TABLE dgm.constitutional_compliance_logs ALTER COLUMN service_name SET STATISTICS 200;
ALTER TABLE dgm.constitutional_compliance_logs ALTER COLUMN improvement_id SET STATISTICS 200;
ALTER TABLE dgm.bandit_states ALTER COLUMN context_key SET STATISTICS 300;
ALTER TABLE dgm.bandit_states ALTER COLUMN arm_id SET STATISTICS 300;

-- Nobody filters by these, and to compare documents is what an ANALYZE would spend most of its time on.
ALTER TABLE dgm.dgm_archive ALTER COLUMN performance_before SET STATISTICS 0;
ALTER TABLE dgm.dgm_archive ALTER COLUMN performance_after SET STATISTICS 0;
ALTER TABLE dgm.dgm_archive ALTER COLUMN rollback_data SET STATISTICS 0;
ALTER TABLE dgm.constitutional_compliance_logs ALTER COLUMN evidence SET STATISTICS 0;
ALTER TABLE dgm.constitutional_compliance_logs ALTER COLUMN remediation_recommendations SET STATISTICS 0;

-- A metric's name says its type, and mostly its service: taken as independent, rows are underestimated by far.
CREATE STATISTICS IF NOT EXISTS dgm.performance_metrics_service_metric (ndistinct, dependencies)
ON service_name, metric_type, metric_name FROM dgm.performance_metrics;
CREATE STATISTICS IF NOT EXISTS dgm.compliance_logs_service_level (ndistinct, dependencies, mcv)
ON service_name, compliance_level FROM dgm.constitutional_compliance_logs;
-- Time of logging and of assessment go together.
CREATE STATISTICS IF NOT EXISTS dgm.compliance_logs_times (ndistinct, dependencies)
ON "timestamp", assessed_at FROM dgm.constitutional_compliance_logs;
CREATE STATISTICS IF NOT EXISTS dgm.dgm_archive_times (ndistinct, dependencies)
ON created_at, "timestamp" FROM dgm.dgm_archive;
CREATE STATISTICS IF NOT EXISTS dgm.bandit_states_context_arm (ndistinct, dependencies)
ON context_key, arm_id, algorithm_type FROM dgm.bandit_states;

COMMENT ON STATISTICS dgm.performance_metrics_service_metric IS 'Names, types and services of metrics depend.';
COMMENT ON STATISTICS dgm.compliance_logs_service_level IS 'Levels differ by service.';
COMMENT ON STATISTICS dgm.compliance_logs_times IS 'A log entry follows its assessment.';
COMMENT ON STATISTICS dgm.dgm_archive_times IS 'An improvement changes soon after it was proposed.';
COMMENT ON STATISTICS dgm.bandit_states_context_arm IS 'Arms belong to contexts.';

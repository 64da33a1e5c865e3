-- Autovacuum and storage of the tables that are not partitioned. Those of partitions stand in their policy
-- (R__upkeep_policy.sql), because the partitioned parent takes none.

-- Rows that are updated over and over: room in each page for the new version beside the old one (HOT).
ALTER TABLE dgm.bandit_states SET (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05,
    autovacuum_vacuum_cost_delay = 10
);
ALTER TABLE dgm.improvement_workspaces SET (
    fillfactor = 85,
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);
ALTER TABLE dgm.improvements SET (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);
ALTER TABLE dgm.metric_aggregations SET (
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);
-- Few rows: without a low threshold it would never be analyzed.
ALTER TABLE dgm.system_configurations SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);

-- Autovacuum and storage of the tables that are not partitioned. Those of partitions stand in their policy
-- (R__upkeep_policy.sql), because the partitioned parent takes none.

-- No index holds what their updates change: room in each page for the new version beside the old one (HOT).
ALTER TABLE gs.synthesis_history SET (
    fillfactor = 85,
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05
);
ALTER TABLE gs.multi_model_consensus SET (
    fillfactor = 85,
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);
ALTER TABLE gs.wina_optimizations SET (
    fillfactor = 85,
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);
-- Its status is indexed, so a change of it is never HOT: vacuum early rather than leave room.
ALTER TABLE gs.policies SET (
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);
-- Few rows: without a low threshold it would hardly ever be analyzed.
ALTER TABLE gs.policy_templates SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);

-- Autovacuum and storage of the tables that are not partitioned. Those of partitions stand in their policy
-- (R__upkeep_policy.sql), because the partitioned parent takes none.

-- Updated over and over, and no index holds what an update changes: room in each page for the new version beside the
-- old one (HOT).
ALTER TABLE ec.bandit_arms SET (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05
);
ALTER TABLE ec.optimization_history SET (
    fillfactor = 85,
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);
ALTER TABLE ec.genetic_populations SET (
    fillfactor = 85,
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);
-- Its updated_at is indexed (idx_wina_states_context, from the requirements), so no update is HOT and room in the
-- pages would not help: vacuum early.
ALTER TABLE ec.wina_states SET (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.05
);

-- Autovacuum and storage of the tables that are not partitioned. Those of partitions stand in their policy
-- (R__upkeep_policy.sql), because the partitioned parent takes none.

-- Few rows, read by every decision: dead versions of them would be paid for at each look-up. Room in each page for the
-- new version beside the old one (HOT), and vacuumed after a few changes.
ALTER TABLE pgc.active_policies SET (
    fillfactor = 80,
    autovacuum_vacuum_threshold = 20,
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_analyze_threshold = 20,
    autovacuum_analyze_scale_factor = 0.05
);
ALTER TABLE pgc.policy_rules SET (
    fillfactor = 80,
    autovacuum_vacuum_threshold = 20,
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_analyze_threshold = 20,
    autovacuum_analyze_scale_factor = 0.05
);
ALTER TABLE pgc.opa_bundles SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);
ALTER TABLE pgc.governance_workflows SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);

-- Autovacuum and storage of the tables that are not partitioned. Those of partitions stand in their policy
-- (R__upkeep_policy.sql), because the partitioned parent takes none.

-- Each row is updated once or twice, when it is verified: room in each page for the new version beside the old (HOT).
ALTER TABLE integrity.signatures SET (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);
ALTER TABLE integrity.hash_records SET (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);
-- Few rows: without a low threshold they would never be analyzed.
ALTER TABLE integrity.certificates SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);
ALTER TABLE integrity.pgp_keys SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);
-- Rows only come: frozen at the first vacuum, they are never written again.
ALTER TABLE integrity.audit_seals SET (
    autovacuum_vacuum_insert_scale_factor = 0.1,
    autovacuum_freeze_min_age = 0
);

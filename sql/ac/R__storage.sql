-- Autovacuum and storage.

-- Rows only come, and averages read an index alone: pages must be known to be all visible, also after inserts alone.
ALTER TABLE ac.compliance_checks SET (
    autovacuum_vacuum_insert_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.05
);
ALTER TABLE ac.principle_conflicts SET (fillfactor = 90);
-- Few rows: without a low threshold they would never be analyzed.
ALTER TABLE ac.principles SET (
    fillfactor = 90, autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10
);
ALTER TABLE ac.meta_rules SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);
ALTER TABLE ac.constitutional_council SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);

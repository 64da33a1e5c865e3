-- Autovacuum and storage. Nothing of fv is partitioned: about 500 rows a day.

-- Each verification is written three times (pending, running, outcome), and its status is indexed, so no update is
-- HOT: vacuum and analyze early rather than leave room in the pages.
ALTER TABLE fv.verification_results SET (
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05
);
-- No index holds what an update of a check changes: room in each page for the new version beside the old one (HOT).
ALTER TABLE fv.consistency_checks SET (
    fillfactor = 85,
    autovacuum_vacuum_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);
-- Rows only come.
ALTER TABLE fv.fairness_assessments SET (
    autovacuum_vacuum_insert_scale_factor = 0.1,
    autovacuum_analyze_scale_factor = 0.05
);
-- Few rows: without a low threshold they would hardly ever be analyzed.
ALTER TABLE fv.safety_properties SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);
ALTER TABLE fv.verification_rules SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);

-- The policies of integrity's partitioned tables, and the partitions themselves. Runs again when the stack
-- configuration changes one of the settings that are named here: it is the only place that sets them.
-- After R__indexes.sql and R__statistics.sql by its name, so that new partitions take over what those made.

-- Rows only come. Vacuumed often by inserts: that empties the pending list of the trigram index and sets the visibility
-- map for index-only scans, and what is frozen then is never written again.
SELECT platform.keep_by_month(
    'integrity.audit_logs',
    premake_months => current_setting('acgs.partition_premake_months')::integer,
    retention => current_setting('acgs.partition_retention')::jsonb,
    storage_parameters => '{"autovacuum_vacuum_insert_scale_factor": 0.05, "autovacuum_analyze_scale_factor": 0.05,
        "autovacuum_freeze_min_age": 0, "autovacuum_vacuum_cost_delay": 2}'
);

-- As long as the trail itself, whatever is configured for this table: entries are of no use without their rows, and
-- rows cannot be verified without them.
SELECT platform.keep_by_month(
    'integrity.audit_seal_entries',
    premake_months => current_setting('acgs.partition_premake_months')::integer,
    retention => jsonb_build_object(
        'integrity.audit_seal_entries',
        CASE
            WHEN current_setting('acgs.partition_retention')::jsonb ? 'integrity.audit_logs'
                THEN current_setting('acgs.partition_retention')::jsonb -> 'integrity.audit_logs'
            ELSE current_setting('acgs.partition_retention')::jsonb -> 'default'
        END
    ),
    storage_parameters => '{"autovacuum_vacuum_insert_scale_factor": 0.1, "autovacuum_freeze_min_age": 0}'
);

SELECT integrity.protect_audit_partitions();

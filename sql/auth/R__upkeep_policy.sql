-- The policies of auth's partitioned tables, and the partitions themselves. Runs again when the stack configuration
-- changes one of the settings that are named here: it is the only place that sets them.
-- After R__indexes.sql and R__statistics.sql by its name, so that new partitions take over what those made.

-- Rows only come: the insert trigger sets the visibility map.
SELECT platform.keep_by_month(
    'auth.audit_logs',
    premake_months => current_setting('acgs.partition_premake_months')::integer,
    retention => current_setting('acgs.partition_retention')::jsonb,
    storage_parameters => '{"autovacuum_vacuum_insert_scale_factor": 0.1, "autovacuum_analyze_scale_factor": 0.05}'
);

SELECT platform.keep_by_month(
    'auth.security_events',
    premake_months => current_setting('acgs.partition_premake_months')::integer,
    retention => current_setting('acgs.partition_retention')::jsonb,
    storage_parameters => '{"autovacuum_vacuum_insert_scale_factor": 0.1, "autovacuum_analyze_scale_factor": 0.05}'
);

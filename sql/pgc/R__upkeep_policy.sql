-- The policies of pgc's partitioned tables, and the partitions themselves. Runs again when the stack configuration
-- changes one of the settings that are named here: it is the only place that sets them.
-- After R__indexes.sql and R__statistics.sql by its name, so that new partitions take over what those made.

-- Rows only come, thousands a second: pages are filled to the brim. A vacuum after each twentieth of new rows sets the
-- visibility map for index-only scans on the last hours, and freezes at once what is never written again, so that no
-- vacuum against wraparound has to read the month later. Without pauses: it must keep up with the writers.
SELECT platform.keep_by_month(
    'pgc.policy_decisions',
    premake_months => current_setting('acgs.partition_premake_months')::integer,
    retention => current_setting('acgs.partition_retention')::jsonb,
    storage_parameters => '{"fillfactor": 100, "autovacuum_vacuum_insert_scale_factor": 0.05,
        "autovacuum_analyze_scale_factor": 0.05, "autovacuum_freeze_min_age": 0, "autovacuum_vacuum_cost_delay": 0}'
);

SELECT platform.keep_by_month(
    'pgc.enforcement_logs',
    premake_months => current_setting('acgs.partition_premake_months')::integer,
    retention => current_setting('acgs.partition_retention')::jsonb,
    storage_parameters => '{"fillfactor": 100, "autovacuum_vacuum_insert_scale_factor": 0.1,
        "autovacuum_analyze_scale_factor": 0.05, "autovacuum_freeze_min_age": 0, "autovacuum_vacuum_cost_delay": 2}'
);

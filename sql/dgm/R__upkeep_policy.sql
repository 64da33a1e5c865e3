-- The policies of dgm's partitioned tables, and the partitions themselves. Runs again when the stack configuration
-- changes acgs.partition_premake_months or acgs.partition_retention_months: it is the only place that sets them.
-- After R__indexes.sql and R__statistics.sql by its name, so that new partitions take over what those made.

WITH stack AS (
    SELECT
        current_setting('acgs.partition_premake_months')::integer AS premake_months,
        current_setting('acgs.partition_retention_months')::integer AS retention_months
)

INSERT INTO platform.partition_policies AS present (
    schema_name, table_name, premake_months, retention_months, list_column, list_values, storage_parameters
)
SELECT 'dgm', wanted.table_name, stack.premake_months, stack.retention_months, wanted.list_column,
    wanted.list_values, wanted.storage_parameters
FROM stack, (VALUES
    -- Updated while an improvement lives, read for long: vacuum and freeze early.
    ('dgm_archive', 'status', ARRAY['pending', 'running', 'completed', 'failed', 'rolled_back'], jsonb_build_object(
        'autovacuum_vacuum_scale_factor', '0.1', 'autovacuum_analyze_scale_factor', '0.05'
    )),
    -- The requirements' numbers for many writes. Rows only come: the insert trigger sets the visibility map.
    ('performance_metrics', NULL, NULL, jsonb_build_object(
        'autovacuum_vacuum_scale_factor', '0.1', 'autovacuum_analyze_scale_factor', '0.05',
        'autovacuum_vacuum_insert_scale_factor', '0.1', 'autovacuum_vacuum_cost_delay', '10'
    )),
    ('constitutional_compliance_logs', NULL, NULL, jsonb_build_object(
        'autovacuum_vacuum_scale_factor', '0.1', 'autovacuum_analyze_scale_factor', '0.05',
        'autovacuum_vacuum_insert_scale_factor', '0.1'
    ))
) AS wanted (table_name, list_column, list_values, storage_parameters)
ON CONFLICT (schema_name, table_name) DO UPDATE SET
    premake_months = excluded.premake_months,
    retention_months = excluded.retention_months,
    list_column = excluded.list_column,
    list_values = excluded.list_values,
    storage_parameters = excluded.storage_parameters;

-- A shorter retention drops nothing here: that is left to the nightly round, so that a mistake in the configuration
-- can be taken back. Which steps were skipped is told as warnings.
DO $$
DECLARE
    policy platform.partition_policies;
    step record;
    this_month constant date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
BEGIN
    FOR policy IN SELECT * FROM platform.partition_policies WHERE schema_name = 'dgm' LOOP
        FOR step IN
            SELECT * FROM platform.ensure_months(
                policy, (this_month - interval '1 month')::date,
                (this_month + make_interval(months => policy.premake_months))::date
            )
            UNION ALL
            SELECT * FROM platform.ensure_leaves(policy)
        LOOP
            IF step.action = 'skipped' THEN
                RAISE WARNING 'partition % was skipped: %', step.partition_name, step.detail;
            END IF;
        END LOOP;
    END LOOP;
END
$$;

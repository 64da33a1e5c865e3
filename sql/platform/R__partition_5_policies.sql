-- What a schema's files call for each of its tables that are partitioned by month.

CREATE OR REPLACE FUNCTION platform.keep_by_month(
    for_table regclass,
    premake_months integer,
    retention jsonb,
    storage_parameters jsonb DEFAULT '{}',
    list_column text DEFAULT NULL,
    list_values text [] DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    policy platform.partition_policies;
    step record;
    reason text;
    this_month constant date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
BEGIN
    SELECT nspname, relname INTO STRICT policy.schema_name, policy.table_name
    FROM pg_class INNER JOIN pg_namespace ON relnamespace = pg_namespace.oid
    WHERE pg_class.oid = for_table;
    -- A table that is named may say null, which keeps all; one that is not named takes the default.
    policy.retention_months := CASE
        WHEN retention ? format('%s.%s', policy.schema_name, policy.table_name)
            THEN retention ->> format('%s.%s', policy.schema_name, policy.table_name)
        ELSE retention ->> 'default'
    END;
    INSERT INTO platform.partition_policies AS present (
        schema_name, table_name, premake_months, retention_months, list_column, list_values, storage_parameters
    )
    VALUES (
        policy.schema_name, policy.table_name, keep_by_month.premake_months, policy.retention_months,
        keep_by_month.list_column, keep_by_month.list_values, keep_by_month.storage_parameters
    )
    ON CONFLICT (schema_name, table_name) DO UPDATE SET
        premake_months = excluded.premake_months,
        retention_months = excluded.retention_months,
        list_column = excluded.list_column,
        list_values = excluded.list_values,
        storage_parameters = excluded.storage_parameters
    RETURNING present.* INTO policy;

    -- A shorter retention drops nothing here: that is left to the nightly round, so that a mistake in the
    -- configuration can be taken back.
    FOR step IN
        SELECT * FROM platform.take_partition_steps(
            policy, '{month,sub-partition,storage}', (this_month - interval '1 month')::date,
            (this_month + make_interval(months => policy.premake_months))::date, NULL
        )
    LOOP
        IF step.action = 'skipped' THEN
            RAISE WARNING 'partition % was skipped: %', step.partition_name, step.detail;
            reason := coalesce(reason, step.detail);
        END IF;
    END LOOP;
    -- Odd partitions are for the operator to mend, and no reason to stop an update. A policy that fits none is wrong.
    IF reason IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_partition_tree(for_table) AS tree
        WHERE tree.isleaf AND tree.level > 0
            AND platform.missing_storage_parameters(tree.relid, policy.storage_parameters) IS NULL
    ) THEN
        RAISE EXCEPTION 'no partition of % is as its policy wants it: %', for_table, reason;
    END IF;
END
$$;

COMMENT ON FUNCTION platform.keep_by_month(regclass, integer, jsonb, jsonb, text, text []) IS
'Sets the policy of a table that is partitioned by month and brings its partitions to it: months made ahead, months '
'kept (an object: months by "schema.table", null keeps all, "default" is for tables not named), storage parameters of '
'the partitions, and the column and values of sub-partitions. Drops nothing. Partitions that had to be skipped '
'are told as warnings and tried again by the nightly upkeep; throws only when there is none at all as it should be.';

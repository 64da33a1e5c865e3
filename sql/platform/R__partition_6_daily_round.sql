-- One night's round for a schema and its statistics, as the functions <schema>.daily_partition_maintenance() and
-- <schema>.refresh_statistics() call them.

CREATE OR REPLACE FUNCTION platform.daily_partition_maintenance(for_schema text)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    result jsonb := '{"created": [], "altered": [], "dropped": [], "skipped": []}';
    step record;
BEGIN
    FOR step IN SELECT * FROM platform.maintain_partitions(for_schema) LOOP
        IF step.action = 'skipped' THEN
            RAISE WARNING 'partition upkeep skipped %: %', coalesce(step.partition_name, step.table_name), step.detail;
        END IF;
        result := jsonb_insert(
            result, ARRAY[step.action, '-1'], to_jsonb(coalesce(step.partition_name, step.table_name)), true
        );
    END LOOP;
    RETURN result;
END
$$;

COMMENT ON FUNCTION platform.daily_partition_maintenance(text) IS
'For all tables of a schema that are partitioned by month: makes the months ahead, adapts partitions to their policy '
'and drops those past the retention (both in platform.partition_policies, from the stack configuration). Returns the '
'partitions created, altered, dropped and skipped (a lock was not to be had within 2 s: the next run tries again). Can '
'be run at any time, any number of times.';

CREATE OR REPLACE FUNCTION platform.refresh_statistics(for_schema text, plain_tables_too boolean DEFAULT false)
RETURNS SETOF text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    target text;
BEGIN
    -- Autovacuum analyzes plain tables and partitions, but never their parents, and the planner needs both.
    FOR target IN
        SELECT format('%I.%I', for_schema, relname) FROM pg_class
        WHERE relnamespace = to_regnamespace(quote_ident(for_schema)) AND NOT relispartition
            AND (relkind = 'p' OR (plain_tables_too AND relkind = 'r'))
        ORDER BY relname
    LOOP
        BEGIN
            EXECUTE 'ANALYZE ' || target;
            RETURN NEXT target;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            RAISE WARNING 'statistics of % were not refreshed: %', target, sqlerrm;
        END;
    END LOOP;
END
$$;

COMMENT ON FUNCTION platform.refresh_statistics(text, boolean) IS
'Analyzes the partitioned tables of a schema with their partitions, the others too if asked to, and returns their names. '
'Reads a sample of each partition, whatever its size: a matter of seconds. Readers and writers go on.';

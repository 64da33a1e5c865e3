-- One night's round for a schema, as the functions <schema>.daily_partition_maintenance() call it.

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

REVOKE ALL ON FUNCTION platform.daily_partition_maintenance(text) FROM PUBLIC;

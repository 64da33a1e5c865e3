-- The requirements' name in front of the upkeep that all schemas share (sql/platform).

CREATE OR REPLACE FUNCTION auth.daily_partition_maintenance()
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    result jsonb;
    step record;
BEGIN
    result := '{"created": [], "altered": [], "dropped": [], "skipped": []}';
    FOR step IN SELECT * FROM platform.maintain_partitions('auth') LOOP
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

COMMENT ON FUNCTION auth.daily_partition_maintenance() IS
'Makes the months ahead, adapts partitions to their policy and drops those past the retention (both in '
'platform.partition_policies, from the stack configuration). Returns the partitions created, altered, dropped and '
'skipped (a lock was not to be had within 2 s: the next run tries again). Can be run at any time, any number of times.';

REVOKE ALL ON FUNCTION auth.daily_partition_maintenance() FROM PUBLIC, acgs_writer;
GRANT EXECUTE ON FUNCTION auth.daily_partition_maintenance() TO auth_service;

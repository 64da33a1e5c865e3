-- What pg_cron calls for ec, in front of the upkeep that all schemas share (sql/platform).

CREATE OR REPLACE FUNCTION ec.daily_partition_maintenance()
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
    FOR step IN SELECT * FROM platform.maintain_partitions('ec') LOOP
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

COMMENT ON FUNCTION ec.daily_partition_maintenance() IS
'Makes the months ahead, adapts partitions to their policy and drops those past the retention (both in '
'platform.partition_policies, from the stack configuration). Returns the partitions created, altered, dropped and '
'skipped (a lock was not to be had within 2 s: the next run tries again). Can be run at any time, any number of times.';

CREATE OR REPLACE FUNCTION ec.refresh_statistics()
RETURNS SETOF text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    target text;
BEGIN
    -- Autovacuum analyzes all other tables and the partitions, but never their parents, and the planner needs both.
    FOR target IN
        SELECT format('%I.%I', 'ec', relname) FROM pg_class
        WHERE relnamespace = 'ec'::regnamespace AND relkind = 'p' AND NOT relispartition
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

COMMENT ON FUNCTION ec.refresh_statistics() IS
'Analyzes the partitioned tables of ec with their partitions, and returns their names. Reads a sample of each '
'partition, whatever its size: a matter of seconds. Readers and writers go on.';

-- Default privileges give the service and the application every new function of this schema. These only do what the
-- policy says, or harm nobody: the service may call them, for its jobs; the application has no business with them.
REVOKE ALL ON FUNCTION ec.daily_partition_maintenance() FROM PUBLIC, acgs_writer;
GRANT EXECUTE ON FUNCTION ec.daily_partition_maintenance() TO ec_service;
REVOKE ALL ON FUNCTION ec.refresh_statistics() FROM PUBLIC, acgs_writer;
GRANT EXECUTE ON FUNCTION ec.refresh_statistics() TO ec_service;

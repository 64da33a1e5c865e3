-- The requirements' names in front of the upkeep that all schemas share (sql/platform).

CREATE OR REPLACE FUNCTION dgm.forget_unreferenced_improvements()
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    oldest timestamptz;
    unreferenced text;
    forgotten bigint;
BEGIN
    -- Only what lies before the archive's first month can have lost its row to retention.
    SELECT min(lower_bound) INTO oldest FROM platform.month_partitions('dgm.dgm_archive');
    -- Every foreign key that is there, so that one of a table that came later keeps its improvements and no others.
    SELECT string_agg(
        format(' AND NOT EXISTS (SELECT FROM %s AS r WHERE r.%I = i.improvement_id)', conrelid::regclass, attname), ''
    ) INTO unreferenced
    FROM pg_constraint INNER JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
    WHERE contype = 'f' AND confrelid = 'dgm.improvements'::regclass AND conparentid = 0
        AND has_table_privilege(conrelid, 'SELECT');
    EXECUTE format(
        'DELETE FROM dgm.improvements WHERE improvement_id IN (
            SELECT i.improvement_id FROM dgm.improvements AS i
            WHERE i.created_at < $1%s
            ORDER BY i.created_at
            LIMIT 10000
            -- A session that just inserts a reference holds a key share lock: leave that improvement.
            FOR UPDATE SKIP LOCKED
        )', unreferenced
    ) USING oldest;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
EXCEPTION WHEN foreign_key_violation OR lock_not_available OR deadlock_detected THEN
    -- A reference came between the look and the deletion. Nothing is lost by leaving it to the next round.
    RAISE WARNING 'improvements were not forgotten: % (SQLSTATE %)', sqlerrm, sqlstate;
    RETURN 0;
END
$$;

COMMENT ON FUNCTION dgm.forget_unreferenced_improvements() IS
'Removes up to 10000 improvements from the registry whose archive row retention has dropped and that nothing '
'references any more. Returns how many.';

CREATE OR REPLACE FUNCTION dgm.daily_partition_maintenance()
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    result constant jsonb := platform.daily_partition_maintenance('dgm');
BEGIN
    -- The months past the retention are gone now.
    RETURN result || jsonb_build_object('improvements_forgotten', dgm.forget_unreferenced_improvements());
END
$$;

COMMENT ON FUNCTION dgm.daily_partition_maintenance() IS
'platform.daily_partition_maintenance() for dgm; then forgets improvements that nothing references any more.';

CREATE OR REPLACE FUNCTION dgm.cleanup_old_partitions(months integer)
RETURNS SETOF text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    policy record;
    step record;
BEGIN
    IF months IS NULL OR months NOT BETWEEN 1 AND 1200 THEN
        RAISE EXCEPTION 'cleanup_old_partitions(%): months must be from 1 to 1200', coalesce(months::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                HINT = 'It is how many full months before the current one are kept.';
    END IF;
    FOR policy IN
        SELECT policies.table_name FROM platform.partition_policies AS policies
        WHERE policies.schema_name = 'dgm' ORDER BY policies.table_name
    LOOP
        FOR step IN
            SELECT * FROM platform.drop_months(
                format('dgm.%I', policy.table_name)::regclass, platform.oldest_kept_month(months)
            )
        LOOP
            IF step.action = 'dropped' THEN
                RETURN NEXT step.partition_name;
            ELSE
                RAISE WARNING 'partition % was not dropped: %', step.partition_name, step.detail;
            END IF;
        END LOOP;
    END LOOP;
    PERFORM dgm.forget_unreferenced_improvements();
END
$$;

COMMENT ON FUNCTION dgm.cleanup_old_partitions(integer) IS
'Drops the partitions of all dgm tables that end before the given number of full months before the current one, '
'and returns their names. What it drops is gone: only members of acgs_owner may call it. A warning tells what was not '
'dropped: of a long backlog, what one transaction has no room for. Throws invalid_parameter_value for less than 1 month '
'or NULL.';

CREATE OR REPLACE FUNCTION dgm.refresh_statistics()
RETURNS SETOF text
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT platform.refresh_statistics('dgm', true) $$;

COMMENT ON FUNCTION dgm.refresh_statistics() IS
'platform.refresh_statistics() for all tables of dgm.';

-- The rounds that keep every partitioned table in the state its policy wants. Each partition is a step of its
-- own: one that cannot get its lock is reported as skipped, the others are done, and the next round tries again.
-- Months are made long before they are needed, so a day's delay costs nothing, while a queue behind a waiting
-- ACCESS EXCLUSIVE lock would stop the service.

CREATE OR REPLACE FUNCTION platform.ensure_months(policy platform.partition_policies, first_month date, last_month date)
RETURNS TABLE (partition_name text, action text, detail text)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    root constant regclass := format('%I.%I', policy.schema_name, policy.table_name)::regclass;
    month date;
BEGIN
    FOR month IN SELECT generate_series(
        date_trunc('month', first_month::timestamp), date_trunc('month', last_month::timestamp), interval '1 month'
    )::date LOOP
        CONTINUE WHEN EXISTS (
            SELECT FROM platform.month_partitions(root) AS present
            -- A partition without bounds is passed over here: where it really is in the way, ATTACH says so.
            WHERE present.lower_bound IS NOT NULL
                AND tstzrange(present.lower_bound, present.upper_bound)
                    && tstzrange(month::timestamptz, (month + interval '1 month')::timestamptz)
        );
        partition_name := platform.partition_name(policy.table_name, month);
        BEGIN
            PERFORM platform.create_month(policy, month);
            action := 'created';
            detail := NULL;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            action := 'skipped';
            detail := sqlerrm;
        END;
        RETURN NEXT;
    END LOOP;
END
$$;

COMMENT ON FUNCTION platform.ensure_months(platform.partition_policies, date, date) IS
'Makes the partitions that are missing from the month of the first date to that of the last one. Also the way to '
'make room for older rows before a backfill.';

CREATE OR REPLACE FUNCTION platform.ensure_leaves(policy platform.partition_policies)
RETURNS TABLE (partition_name text, action text, detail text)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '2s'
AS $$
DECLARE
    root constant regclass := format('%I.%I', policy.schema_name, policy.table_name)::regclass;
    present record;
    list_value text;
BEGIN
    FOR present IN
        SELECT months.partition, months.lower_bound::date AS month
        FROM platform.month_partitions(root) AS months
        WHERE months.lower_bound IS NOT NULL AND policy.list_column IS NOT NULL
    LOOP
        FOREACH list_value IN ARRAY policy.list_values LOOP
            CONTINUE WHEN EXISTS (
                SELECT FROM pg_inherits INNER JOIN pg_class ON pg_inherits.inhrelid = pg_class.oid
                WHERE pg_inherits.inhparent = present.partition
                    AND pg_get_expr(pg_class.relpartbound, pg_class.oid) = format('FOR VALUES IN (%L)', list_value)
            );
            partition_name := platform.partition_name(policy.table_name, present.month, list_value);
            BEGIN
                PERFORM platform.create_list_partition(policy, present.month, list_value);
                action := 'created';
                detail := NULL;
            EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
                action := 'skipped';
                detail := sqlerrm;
            END;
            RETURN NEXT;
        END LOOP;
    END LOOP;
    FOR present IN
        SELECT tree.relid AS partition FROM pg_partition_tree(root) AS tree WHERE tree.isleaf AND tree.relid <> root
    LOOP
        SELECT relname INTO partition_name FROM pg_class WHERE oid = present.partition;
        BEGIN
            CONTINUE WHEN NOT platform.set_storage_parameters(present.partition, policy.storage_parameters);
            action := 'altered';
            detail := 'storage parameters';
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            action := 'skipped';
            detail := sqlerrm;
        END;
        RETURN NEXT;
    END LOOP;
END
$$;

COMMENT ON FUNCTION platform.ensure_leaves(platform.partition_policies) IS
'Brings the partitions that are there to the policy: sub-partitions for new values, changed storage parameters.';

-- A plain DROP: inside a function there is no DETACH CONCURRENTLY, and DETACH without it takes the same ACCESS
-- EXCLUSIVE lock on the parent as the DROP of a partition does. It is held for writing the catalogue; the
-- files are removed after it was given back.
CREATE OR REPLACE FUNCTION platform.drop_months(parent regclass, keep_from timestamptz)
RETURNS TABLE (partition_name text, action text, detail text)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    present record;
BEGIN
    FOR present IN
        SELECT months.partition, months.partition_name FROM platform.month_partitions(parent) AS months
        WHERE months.upper_bound <= keep_from
    LOOP
        partition_name := present.partition_name;
        BEGIN
            EXECUTE format('DROP TABLE %s', present.partition);
            action := 'dropped';
            detail := NULL;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            action := 'skipped';
            detail := sqlerrm;
        END;
        RETURN NEXT;
    END LOOP;
END
$$;

COMMENT ON FUNCTION platform.drop_months(regclass, timestamptz) IS
'Drops the partitions that end at or before a point in time, with all their rows.';

CREATE OR REPLACE FUNCTION platform.oldest_kept_month(months integer)
RETURNS timestamptz
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
RETURN (date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => months)) AT TIME ZONE 'UTC';

COMMENT ON FUNCTION platform.oldest_kept_month(integer) IS
'Start (midnight UTC) of the oldest month that stays when so many full months before the current one are kept.';

CREATE OR REPLACE FUNCTION platform.maintain_partitions(for_schema text)
RETURNS TABLE (table_name text, partition_name text, action text, detail text)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    policy platform.partition_policies;
    this_month date;
BEGIN
    -- Two rounds at once would make the same months and end in errors about names.
    IF NOT pg_try_advisory_xact_lock(hashtext('platform.maintain_partitions'), hashtext(for_schema)) THEN
        RETURN QUERY SELECT for_schema, NULL::text, 'skipped', 'another round is at work';
        RETURN;
    END IF;
    this_month := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    FOR policy IN
        SELECT policies.* FROM platform.partition_policies AS policies
        WHERE policies.schema_name = for_schema ORDER BY policies.table_name
    LOOP
        table_name := policy.table_name;
        -- One month back as well: on a new stack the last 30 days must find a place.
        FOR partition_name, action, detail IN
            SELECT steps.partition_name, steps.action, steps.detail FROM platform.ensure_months(
                policy, (this_month - interval '1 month')::date,
                (this_month + make_interval(months => policy.premake_months))::date
            ) AS steps
            UNION ALL
            SELECT steps.partition_name, steps.action, steps.detail FROM platform.ensure_leaves(policy) AS steps
            UNION ALL
            SELECT steps.partition_name, steps.action, steps.detail FROM platform.drop_months(
                format('%I.%I', policy.schema_name, policy.table_name)::regclass,
                platform.oldest_kept_month(policy.retention_months)
            ) AS steps
        LOOP
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$$;

COMMENT ON FUNCTION platform.maintain_partitions(text) IS
'One round for all tables of a schema: makes what is missing, adapts what changed, drops what is past its '
'retention. Returns the steps taken: created, altered, dropped, skipped (with the reason).';

-- The steps that bring a partitioned table to its policy. Each is done, or skipped with its reason, and what is skipped
-- keeps nothing else from being done: platform.partition_round() commits after every step, the functions that work in
-- their caller's transaction make each a subtransaction. Months are made long before they are needed, so a day's delay
-- costs nothing, while a queue behind a waiting ACCESS EXCLUSIVE lock would stop the service.

CREATE OR REPLACE FUNCTION platform.oldest_kept_month(months integer)
RETURNS timestamptz
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
RETURN (date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => months)) AT TIME ZONE 'UTC';

COMMENT ON FUNCTION platform.oldest_kept_month(integer) IS
'Start (midnight UTC) of the oldest month that stays when so many full months before the current one are kept.';

CREATE OR REPLACE FUNCTION platform.partition_steps(
    policy platform.partition_policies, kinds text [], first_month date, last_month date, keep_from timestamptz
)
RETURNS TABLE (kind text, partition_name text, month date, list_value text, target regclass)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
    WITH root AS MATERIALIZED (
        SELECT format('%I.%I', policy.schema_name, policy.table_name)::regclass AS oid
    ),

    present AS MATERIALIZED (
        -- A partition without bounds is passed over: where it really is in the way, ATTACH says so.
        SELECT months.partition, months.partition_name, months.lower_bound, months.upper_bound
        FROM root CROSS JOIN LATERAL platform.month_partitions(root.oid) AS months
        WHERE months.lower_bound IS NOT NULL
    ),

    kept AS (SELECT * FROM present WHERE (upper_bound <= keep_from) IS NOT TRUE),

    detaching AS MATERIALIZED (
        SELECT child.oid::regclass AS partition, child.relname::text AS partition_name
        FROM root
        INNER JOIN pg_inherits ON root.oid = pg_inherits.inhparent AND pg_inherits.inhdetachpending
        INNER JOIN pg_class AS child ON pg_inherits.inhrelid = child.oid
    ),

    missing AS (
        SELECT start::date AS month, platform.partition_name(policy.table_name, start::date) AS partition_name
        FROM generate_series(
            date_trunc('month', first_month::timestamp), date_trunc('month', last_month::timestamp), interval '1 month'
        ) AS start
        WHERE NOT EXISTS (
            SELECT FROM present
            WHERE tstzrange(present.lower_bound, present.upper_bound)
                && tstzrange(start::timestamptz, (start + interval '1 month')::timestamptz)
        )
    ),

    steps (place, kind, partition_name, month, list_value, target) AS (
        SELECT 1, 'month', missing.partition_name, missing.month, NULL::text, NULL::regclass
        FROM missing
        WHERE 'month' = ANY (kinds) AND missing.partition_name NOT IN (SELECT detaching.partition_name FROM detaching)
        UNION ALL
        SELECT
            2, 'sub-partition', platform.partition_name(policy.table_name, kept.lower_bound::date, wanted.list_value),
            kept.lower_bound::date, wanted.list_value, NULL
        FROM kept CROSS JOIN LATERAL unnest(policy.list_values) AS wanted (list_value)
        WHERE 'sub-partition' = ANY (kinds) AND NOT EXISTS (
            SELECT FROM pg_inherits INNER JOIN pg_class ON pg_inherits.inhrelid = pg_class.oid
            WHERE pg_inherits.inhparent = kept.partition
                AND pg_get_expr(pg_class.relpartbound, pg_class.oid) = format('FOR VALUES IN (%L)', wanted.list_value)
        )
        UNION ALL
        SELECT 3, 'storage', leaf.relname::text, kept.lower_bound::date, NULL, leaf.oid::regclass
        FROM kept
        CROSS JOIN LATERAL pg_partition_tree(kept.partition) AS tree
        INNER JOIN pg_class AS leaf ON tree.relid = leaf.oid
        WHERE 'storage' = ANY (kinds) AND tree.isleaf
            AND platform.missing_storage_parameters(leaf.oid, policy.storage_parameters) IS NOT NULL
        UNION ALL
        SELECT 4, 'detaching', detaching.partition_name, NULL, NULL, detaching.partition
        FROM detaching
        WHERE 'detaching' = ANY (kinds)
        UNION ALL
        SELECT 5, 'drop', present.partition_name, present.lower_bound::date, NULL, present.partition
        FROM present
        WHERE 'drop' = ANY (kinds) AND present.upper_bound <= keep_from
    )

    SELECT kind, partition_name, month, list_value, target FROM steps ORDER BY place, month, partition_name
$$;

COMMENT ON FUNCTION platform.partition_steps(platform.partition_policies, text [], date, date, timestamptz) IS
'What a table lacks to be as its policy wants it, of some kinds, in the order in which it is done: "month" and '
'"sub-partition" to be made (NULL months: none), "storage" parameters to be set, "detaching" left by a DETACH '
'CONCURRENTLY, and "drop" of months that end at or before a point in time (NULL: none).';

-- The lock on the parent is the one that others queue behind, and it may be waited for. Once it is held, readers wait
-- for this one: what is locked below it is to be had at once or not at all.
CREATE OR REPLACE FUNCTION platform.drop_partition(parent regclass, partition regclass)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', parent);
    PERFORM set_config('lock_timeout', '100ms', true);
    EXECUTE format('DROP TABLE %s', partition);
END
$$;

COMMENT ON FUNCTION platform.drop_partition(regclass, regclass) IS
'Drops a partition with all its rows. A plain DROP: no function can DETACH CONCURRENTLY, and DETACH without it takes the '
'same lock on the parent. The files are removed after the lock was given back.';

CREATE OR REPLACE FUNCTION platform.take_partition_step(
    policy platform.partition_policies, kinds text [],
    first_month date, last_month date, keep_from timestamptz, tried text [],
    OUT partition_name text, OUT action text, OUT detail text, OUT goes_on boolean
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '2s'
AS $$
DECLARE
    root regclass;
    step record;
    held record;
    kind text;
    state text;
    more text;
BEGIN
    goes_on := true;
    BEGIN
        -- Two rounds at once would make the same months and end in errors about names.
        PERFORM pg_advisory_xact_lock(hashtext('platform.maintain_partitions'), hashtext(policy.schema_name));
        root := format('%I.%I', policy.schema_name, policy.table_name)::regclass;
        SELECT * INTO step FROM platform.partition_steps(policy, kinds, first_month, last_month, keep_from) AS steps
        WHERE steps.partition_name <> ALL (tried)
        LIMIT 1;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        kind := step.kind;
        partition_name := step.partition_name;
        -- Locks are kept until the transaction ends. So one that others may be waiting for waits for no more itself,
        -- and none takes more than its share of the server's table of locks.
        SELECT
            count(*) AS locks,
            bool_or(
                locktype = 'relation'
                AND mode IN ('ShareUpdateExclusiveLock', 'ShareRowExclusiveLock', 'AccessExclusiveLock')
            ) AS in_the_way
        INTO held FROM pg_locks WHERE pid = pg_backend_pid();
        IF held.locks
            > current_setting('max_locks_per_transaction')::integer * current_setting('max_connections')::integer / 2
        THEN
            action := 'skipped';
            detail := format('this and what follows is left to the next round: a transaction with %s locks takes no more',
                held.locks);
            goes_on := false;
            RETURN;
        END IF;
        IF held.in_the_way THEN
            PERFORM set_config('lock_timeout', '100ms', true);
        END IF;
        CASE kind
            WHEN 'month' THEN
                PERFORM platform.create_month(policy, step.month);
                action := 'created';
            WHEN 'sub-partition' THEN
                PERFORM platform.create_list_partition(policy, step.month, step.list_value);
                action := 'created';
            WHEN 'storage' THEN
                EXECUTE format('ALTER TABLE %s SET (%s)', step.target,
                    platform.missing_storage_parameters(step.target, policy.storage_parameters));
                action := 'altered';
                detail := 'storage parameters';
            WHEN 'drop' THEN
                PERFORM platform.drop_partition(root, step.target);
                action := 'dropped';
            WHEN 'detaching' THEN
                -- Whoever began it may be waiting still, and what it is detached for is not known here.
                RAISE EXCEPTION 'its DETACH … CONCURRENTLY has not ended, and nobody sees its rows'
                    USING ERRCODE = 'object_not_in_prerequisite_state',
                        DETAIL = format('Where nobody runs it any more: ALTER TABLE %s DETACH PARTITION %s FINALIZE;',
                            root, step.target);
        END CASE;
    -- Not of query_canceled: that ends the round.
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, more = PG_EXCEPTION_DETAIL;
        action := 'skipped';
        partition_name := coalesce(partition_name, policy.table_name);
        detail := concat_ws('. ', format('%s: %s', state, sqlerrm), nullif(rtrim(more, E'.\n'), ''));
        -- A lock that one month does not get, the next one would not get either: its users have waited long enough.
        goes_on := kind IS NOT NULL AND NOT (
            state IN ('55P03', '40P01') AND kind IN ('month', 'sub-partition', 'drop')
        );
    END;
    IF kind IS NULL AND state = '55P03' THEN
        -- Another round is at work on this schema, and writes down what it finds.
        RETURN;
    END IF;
    IF action = 'skipped' THEN
        INSERT INTO platform.partition_skips AS present (schema_name, table_name, partition_name, sqlstate, reason)
        SELECT kept.schema_name, kept.table_name, take_partition_step.partition_name, state, detail
        FROM platform.partition_policies AS kept
        WHERE kept.schema_name = policy.schema_name AND kept.table_name = policy.table_name
        ON CONFLICT ON CONSTRAINT partition_skips_pkey DO UPDATE SET
            sqlstate = excluded.sqlstate, reason = excluded.reason, last_skipped_at = excluded.last_skipped_at;
    ELSE
        DELETE FROM platform.partition_skips AS present
        WHERE present.schema_name = policy.schema_name AND present.table_name = policy.table_name
            AND present.partition_name = take_partition_step.partition_name;
    END IF;
END
$$;

COMMENT ON FUNCTION platform.take_partition_step(
    platform.partition_policies, text [], date, date, timestamptz, text []
) IS
'Takes the next step of platform.partition_steps() that is of one of the kinds and not for a partition that was tried '
'before. Returns the partition (NULL when nothing is left), created, altered, dropped or skipped with the reason, and '
'whether the table''s other steps should be tried. What was skipped is written down in platform.partition_skips.';

CREATE OR REPLACE FUNCTION platform.take_partition_steps(
    policy platform.partition_policies, kinds text [], first_month date, last_month date, keep_from timestamptz
)
RETURNS TABLE (partition_name text, action text, detail text)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    step record;
    tried text[] := '{}';
BEGIN
    LOOP
        SELECT * INTO step
        FROM platform.take_partition_step(policy, kinds, first_month, last_month, keep_from, tried);
        EXIT WHEN step.partition_name IS NULL;
        partition_name := step.partition_name;
        action := step.action;
        detail := step.detail;
        RETURN NEXT;
        EXIT WHEN NOT step.goes_on;
        tried := tried || step.partition_name;
    END LOOP;
END
$$;

COMMENT ON FUNCTION platform.take_partition_steps(platform.partition_policies, text [], date, date, timestamptz) IS
'Takes all steps of these kinds in the transaction of its caller, or as many as one transaction has room for.';

CREATE OR REPLACE FUNCTION platform.ensure_months(policy platform.partition_policies, first_month date, last_month date)
RETURNS TABLE (partition_name text, action text, detail text)
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT * FROM platform.take_partition_steps(policy, '{month}', first_month, last_month, NULL) $$;

COMMENT ON FUNCTION platform.ensure_months(platform.partition_policies, date, date) IS
'Makes the partitions that are missing from the month of the first date to that of the last one. Also the way to '
'make room for older rows before a backfill.';

CREATE OR REPLACE FUNCTION platform.drop_months(parent regclass, keep_from timestamptz)
RETURNS TABLE (partition_name text, action text, detail text)
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT steps.*
    FROM platform.partition_policies AS policy
    CROSS JOIN LATERAL platform.take_partition_steps(policy, '{drop}', NULL, NULL, keep_from) AS steps
    WHERE to_regclass(format('%I.%I', policy.schema_name, policy.table_name)) = parent
$$;

COMMENT ON FUNCTION platform.drop_months(regclass, timestamptz) IS
'Drops the partitions that end at or before a point in time, with all their rows: as many as one transaction has room '
'for. The last one returned is "skipped" while there are more: call it again.';

DROP FUNCTION IF EXISTS platform.ensure_leaves(platform.partition_policies);
DROP FUNCTION IF EXISTS platform.set_storage_parameters(regclass, jsonb);

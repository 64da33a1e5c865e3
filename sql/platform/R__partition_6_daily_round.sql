-- One night's round for a schema, and its statistics. pg_cron calls the procedures, which commit after every step: what
-- is done stays done, and no lock is kept for longer than its step. The functions work in their caller's transaction.
--
-- A procedure that commits can neither be SECURITY DEFINER nor pin its search_path, so these only call functions that do
-- both, and name everything by its schema. They run as members of acgs_owner, in jobs as acgs_upkeep.

CREATE OR REPLACE FUNCTION platform.take_daily_step(
    for_schema text, for_table text, kinds text [], tried text [],
    OUT partition_name text, OUT action text, OUT detail text, OUT goes_on boolean
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    policy platform.partition_policies;
    keep_from timestamptz;
    this_month constant date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    -- One month back as well: on a new stack the last 30 days must find a place.
    first_month constant date := (this_month - interval '1 month')::date;
    last_month date;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('platform.maintain_partitions'), hashtext(for_schema)) THEN
        action := 'skipped';
        detail := 'another round is at work';
        RETURN;
    END IF;
    SELECT * INTO policy FROM platform.partition_policies AS present
    WHERE present.schema_name = for_schema AND present.table_name = for_table;
    last_month := (this_month + make_interval(months => policy.premake_months))::date;
    keep_from := platform.oldest_kept_month(policy.retention_months);
    SELECT * INTO partition_name, action, detail, goes_on
    FROM platform.take_partition_step(policy, kinds, first_month, last_month, keep_from, tried);
    IF partition_name IS NULL THEN
        -- What an operator has mended by hand.
        DELETE FROM platform.partition_skips AS skip
        WHERE skip.schema_name = for_schema AND skip.table_name = for_table AND NOT EXISTS (
            SELECT FROM platform.partition_steps(
                policy, '{month,sub-partition,storage,detaching,drop}', first_month, last_month, keep_from
            ) AS step
            WHERE step.partition_name = skip.partition_name
        );
    END IF;
END
$$;

COMMENT ON FUNCTION platform.take_daily_step(text, text, text [], text []) IS
'platform.take_partition_step() for what the policy of a table wants today. Returns no partition but "skipped" when '
'another round is at work.';

CREATE OR REPLACE PROCEDURE platform.partition_round(for_schema text, commit_each boolean, INOUT steps jsonb)
LANGUAGE plpgsql
AS $$
DECLARE
    phase text;
    target text;
    step record;
    tried text[];
    waiting text[] := '{}';
    started constant timestamptz := pg_catalog.clock_timestamp();
BEGIN
    steps := '[]';
    -- Months ahead of all tables before anything is dropped: inserts need them.
    FOREACH phase IN ARRAY ARRAY['month,sub-partition,storage,detaching', 'drop'] LOOP
        FOR target IN
            SELECT policy.table_name FROM platform.partition_policies AS policy
            WHERE policy.schema_name = for_schema ORDER BY policy.table_name
        LOOP
            CONTINUE WHEN target = ANY (waiting);
            tried := '{}';
            LOOP
                SELECT * INTO step
                FROM platform.take_daily_step(for_schema, target, pg_catalog.string_to_array(phase, ','), tried);
                IF commit_each THEN
                    COMMIT;
                END IF;
                EXIT WHEN step.action IS NULL;
                IF step.action = 'skipped' THEN
                    RAISE WARNING 'partition upkeep skipped %: %',
                        coalesce(step.partition_name, for_schema), step.detail;
                END IF;
                steps := steps || pg_catalog.jsonb_build_object(
                    'table_name', target, 'partition_name', coalesce(step.partition_name, for_schema),
                    'action', step.action, 'detail', step.detail
                );
                IF step.partition_name IS NULL THEN
                    RETURN;
                END IF;
                tried := tried || step.partition_name;
                IF NOT step.goes_on THEN
                    waiting := waiting || target;
                    EXIT;
                END IF;
                -- pg_cron starts no other job meanwhile, and some run every minute.
                IF pg_catalog.clock_timestamp() > started + interval '5 minutes' THEN
                    RAISE WARNING 'partition upkeep of % has had its 5 minutes: the rest is for the next round', for_schema;
                    RETURN;
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
END
$$;

COMMENT ON PROCEDURE platform.partition_round(text, boolean, jsonb) IS
'One round for all tables of a schema: makes what is missing, adapts what changed, drops what is past its retention. '
'commit_each: a transaction for each step. Gives the steps taken (table_name, partition_name, action, detail). A table of '
'which a lock was not to be had within 2 s waits for the next round with its other months.';

CREATE OR REPLACE FUNCTION platform.maintain_partitions(for_schema text)
RETURNS TABLE (table_name text, partition_name text, action text, detail text)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    steps jsonb;
BEGIN
    CALL platform.partition_round(for_schema, false, steps);
    RETURN QUERY SELECT taken.* FROM jsonb_to_recordset(steps)
        AS taken (table_name text, partition_name text, action text, detail text);
END
$$;

COMMENT ON FUNCTION platform.maintain_partitions(text) IS
'platform.partition_round() in one transaction, as far as that has room: creates and drops until it holds its share of '
'the server''s locks. Returns the steps taken: created, altered, dropped, skipped (with the reason).';

CREATE OR REPLACE FUNCTION platform.daily_partition_maintenance(for_schema text)
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT '{"created": [], "altered": [], "dropped": [], "skipped": []}'::jsonb
        || coalesce(jsonb_object_agg(steps.action, steps.items), '{}')
    FROM (
        SELECT step.action, jsonb_agg(CASE step.action
            WHEN 'skipped' THEN jsonb_build_object('partition', step.partition_name, 'reason', step.detail)
            ELSE to_jsonb(step.partition_name)
        END ORDER BY step.ordinality) AS items
        FROM platform.maintain_partitions(for_schema) WITH ORDINALITY AS step
        GROUP BY step.action
    ) AS steps
$$;

COMMENT ON FUNCTION platform.daily_partition_maintenance(text) IS
'For all tables of a schema that are partitioned by month: makes the months ahead, adapts partitions to their policy '
'and drops those past the retention (both in platform.partition_policies, from the stack configuration). Returns the '
'partitions created, altered, dropped and skipped (each with its reason: the next run tries again). Can be run at any '
'time, any number of times; a long backlog takes several.';

CREATE OR REPLACE FUNCTION platform.statistics_targets(for_schema text, plain_tables_too boolean)
RETURNS SETOF text
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    -- Autovacuum analyzes plain tables and partitions, but never their parents, and the planner needs both.
    SELECT format('%I.%I', for_schema, relname) FROM pg_class
    WHERE relnamespace = to_regnamespace(quote_ident(for_schema)) AND NOT relispartition
        AND (relkind = 'p' OR (plain_tables_too AND relkind = 'r'))
    ORDER BY relname
$$;

COMMENT ON FUNCTION platform.statistics_targets(text, boolean) IS
'The tables whose statistics platform.refresh_statistics() collects.';

CREATE OR REPLACE FUNCTION platform.analyze_table(target text)
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    EXECUTE 'ANALYZE ' || target;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'statistics of % were not refreshed: % (SQLSTATE %)', target, sqlerrm, sqlstate;
    RETURN format('%s: %s (SQLSTATE %s)', target, sqlerrm, sqlstate);
END
$$;

COMMENT ON FUNCTION platform.analyze_table(text) IS
'Analyzes one table, given as quoted for SQL. NULL, or why it could not.';

CREATE OR REPLACE FUNCTION platform.refresh_statistics(for_schema text, plain_tables_too boolean DEFAULT false)
RETURNS SETOF text
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT target FROM platform.statistics_targets(for_schema, plain_tables_too) AS target
    WHERE platform.analyze_table(target) IS NULL
$$;

COMMENT ON FUNCTION platform.refresh_statistics(text, boolean) IS
'Analyzes the partitioned tables of a schema with their partitions, the others too if asked to, and returns their names. '
'Reads a sample of each partition, whatever its size: a matter of seconds. Readers and writers go on.';

CREATE OR REPLACE PROCEDURE platform.statistics_round(for_schema text, plain_tables_too boolean)
LANGUAGE plpgsql
AS $$
DECLARE
    target text;
    failure text;
    failures text[] := '{}';
BEGIN
    FOR target IN SELECT name FROM platform.statistics_targets(for_schema, plain_tables_too) AS name LOOP
        failure := platform.analyze_table(target);
        COMMIT;
        failures := failures || failure;
    END LOOP;
    failures := pg_catalog.array_remove(failures, NULL);
    -- What was done is committed: this only makes the job one that failed.
    IF failures <> '{}' THEN
        RAISE EXCEPTION 'statistics of % tables were not refreshed: %',
            pg_catalog.cardinality(failures), pg_catalog.array_to_string(failures, '; ');
    END IF;
END
$$;

COMMENT ON PROCEDURE platform.statistics_round(text, boolean) IS
'platform.refresh_statistics() with a transaction for each table. Throws at the end when some could not be analyzed.';

-- What the upkeep has to do, found out from statistics and written down as tasks. Planning reads no table and locks
-- none; platform.run_upkeep() carries the tasks out. Anybody of acgs_owner may plan at any time: a new plan replaces
-- what is left of the one before.

CREATE OR REPLACE FUNCTION platform.plan_task(kind text, targets oid [], reason text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    names text[];
BEGIN
    SELECT array_agg(format('%I.%I', nspname, relname) ORDER BY place) INTO names
    FROM unnest(targets) WITH ORDINALITY AS target (target_oid, place)
    INNER JOIN pg_class ON pg_class.oid = target.target_oid
    INNER JOIN pg_namespace ON pg_namespace.oid = relnamespace;
    INSERT INTO platform.upkeep_tasks (kind, targets, target_names, reason, expires_at)
    VALUES (
        plan_task.kind, targets,
        array_to_string(names[1:5], ', ')
        || CASE WHEN cardinality(names) > 5 THEN format(' and %s more', cardinality(names) - 5) ELSE '' END,
        plan_task.reason, now() + interval '1 day'
    );
END
$$;

COMMENT ON FUNCTION platform.plan_task(text, oid [], text) IS
'Plans one statement of the upkeep for tables or for an index. It is carried out within a day or not at all.';

CREATE OR REPLACE FUNCTION platform.replace_plan(of_kind text)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE platform.upkeep_tasks SET status = 'skipped', finished_at = now(), message = 'replaced by a new plan'
    WHERE kind = of_kind AND status = 'planned'
$$;

COMMENT ON FUNCTION platform.replace_plan(text) IS 'Takes back the tasks of a kind that have not begun.';

CREATE OR REPLACE FUNCTION platform.plan_leftovers()
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    leftover record;
    planned integer := 0;
BEGIN
    PERFORM platform.replace_plan('drop_index');
    FOR leftover IN
        SELECT class.oid, found.size_bytes FROM platform.invalid_indexes AS found
        INNER JOIN pg_class AS class ON class.relname = found.index_name
            AND class.relnamespace = to_regnamespace(quote_ident(found.schema_name))
        WHERE found.is_leftover AND found.builder_pid IS NULL AND found.schema_name <> 'pg_toast'
    LOOP
        PERFORM platform.plan_task('drop_index', ARRAY[leftover.oid], format(
            'left by a REINDEX CONCURRENTLY that did not finish, %s', pg_size_pretty(leftover.size_bytes)
        ));
        planned := planned + 1;
    END LOOP;
    RETURN planned;
END
$$;

COMMENT ON FUNCTION platform.plan_leftovers() IS
'Plans the removal of what a REINDEX CONCURRENTLY that was cut off has left: <index>_ccnew, or _ccold after the '
'exchange. Returns how many tasks.';

CREATE OR REPLACE FUNCTION platform.plan_daily_upkeep()
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    batch record;
    planned integer;
BEGIN
    DELETE FROM platform.upkeep_tasks WHERE planned_at < now() - interval '180 days';

    planned := platform.plan_leftovers();

    -- What has changed at all since it was last vacuumed or analyzed, below autovacuum's thresholds too. A server that
    -- was just promoted has counted nothing yet: there, everything once. The visibility map makes it cheap.
    -- Up to 200 tables or 512 MB at a time, so that other jobs get their turn in between.
    PERFORM platform.replace_plan('vacuum');
    FOR batch IN
        SELECT
            array_agg(changed.relid ORDER BY changed.bytes) AS relids,
            sum(changed.bytes) AS bytes,
            sum(changed.n_dead_tup) AS dead_rows,
            sum(changed.n_mod_since_analyze) AS changed_rows
        FROM (
            SELECT
                stat.relid, pg_table_size(stat.relid) AS bytes, stat.n_dead_tup, stat.n_mod_since_analyze,
                row_number() OVER running / 200 AS hundreds,
                trunc(sum(pg_table_size(stat.relid)) OVER running / 536870912) AS volume
            FROM pg_stat_all_tables AS stat
            INNER JOIN pg_class ON pg_class.oid = stat.relid
            WHERE pg_class.relkind IN ('r', 'm') AND pg_class.relpersistence = 'p' AND NOT pg_class.relisshared
                AND stat.schemaname <> 'pg_toast'
                -- One table that cannot be named would fail its whole batch.
                AND has_schema_privilege('acgs_upkeep', pg_class.relnamespace, 'USAGE')
                AND (
                    stat.n_dead_tup > 0 OR stat.n_ins_since_vacuum > 0 OR stat.n_mod_since_analyze > 0
                    OR (pg_class.relpages > 0 AND coalesce(stat.last_vacuum, stat.last_autovacuum) IS NULL)
                )
            WINDOW running AS (ORDER BY pg_table_size(stat.relid), stat.relid)
        ) AS changed
        GROUP BY changed.hundreds, changed.volume
        ORDER BY changed.hundreds, changed.volume
    LOOP
        PERFORM platform.plan_task('vacuum', batch.relids, format(
            '%s tables changed: %s rows since analyzed, %s dead; %s',
            cardinality(batch.relids), batch.changed_rows, batch.dead_rows, pg_size_pretty(batch.bytes)
        ));
        planned := planned + 1;
    END LOOP;
    RETURN planned;
END
$$;

COMMENT ON FUNCTION platform.plan_daily_upkeep() IS
'Plans VACUUM (ANALYZE) of every table that has changed, and the removal of what a REINDEX CONCURRENTLY that was cut '
'off has left. Returns how many tasks.';

CREATE OR REPLACE FUNCTION platform.plan_weekly_upkeep(min_ratio numeric DEFAULT 0.4, min_bytes bigint DEFAULT 10485760)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    bloated record;
    planned integer := 0;
BEGIN
    PERFORM platform.replace_plan('reindex');
    FOR bloated IN
        SELECT bloat.index_oid, bloat.size_bytes, bloat.bloat_bytes, bloat.bloat_ratio
        FROM platform.estimate_index_bloat() AS bloat
        WHERE bloat.bloat_ratio >= min_ratio AND bloat.bloat_bytes >= min_bytes
            -- A rebuild of more would keep the other jobs waiting for too long: that is for an operator, whom the
            -- report tells.
            AND bloat.size_bytes <= 10737418240
            -- The server refuses these.
            AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = bloat.index_oid AND contype = 'x')
            -- One that was measured and found full does not need to be read every week, unless it has grown.
            AND NOT EXISTS (
                SELECT FROM platform.upkeep_tasks AS measured
                WHERE measured.kind = 'reindex' AND measured.targets = ARRAY[bloat.index_oid]
                    AND measured.status IN ('skipped', 'succeeded') AND measured.bytes_after IS NOT NULL
                    AND measured.finished_at > now() - interval '56 days'
                    AND bloat.size_bytes < 1.25 * measured.bytes_after
            )
        ORDER BY bloat.bloat_bytes DESC
        LIMIT 30
    LOOP
        PERFORM platform.plan_task('reindex', ARRAY[bloated.index_oid], format(
            'estimated %s %% air: %s of %s', round(bloated.bloat_ratio * 100),
            pg_size_pretty(bloated.bloat_bytes), pg_size_pretty(bloated.size_bytes)
        ));
        planned := planned + 1;
    END LOOP;
    RETURN planned;
END
$$;

COMMENT ON FUNCTION platform.plan_weekly_upkeep(numeric, bigint) IS
'Plans REINDEX CONCURRENTLY of the B-tree indexes that by the statistics are bloated by at least a share and a number '
'of bytes, up to 30, the worst first. Returns how many tasks.';

CREATE OR REPLACE FUNCTION platform.plan_monthly_upkeep()
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    analyzed record;
    planned integer := 0;
BEGIN
    PERFORM platform.replace_plan('analyze');
    -- A partitioned table by itself, since its partitions are analyzed along with it; plain ones all together.
    FOR analyzed IN
        SELECT array_agg(pg_class.oid ORDER BY pg_class.oid) AS relids, min(pg_class.relkind) = 'p' AS is_partitioned
        FROM pg_class INNER JOIN pg_namespace ON relnamespace = pg_namespace.oid
        WHERE relkind IN ('r', 'm', 'p') AND relpersistence = 'p' AND NOT relispartition
            AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
            AND has_schema_privilege('acgs_upkeep', relnamespace, 'USAGE')
        GROUP BY CASE WHEN relkind = 'p' THEN pg_class.oid END
    LOOP
        PERFORM platform.plan_task('analyze', analyzed.relids, CASE
            WHEN analyzed.is_partitioned THEN 'monthly statistics of a partitioned table and all its partitions'
            ELSE format('monthly statistics of %s tables', cardinality(analyzed.relids))
        END);
        planned := planned + 1;
    END LOOP;
    RETURN planned;
END
$$;

COMMENT ON FUNCTION platform.plan_monthly_upkeep() IS
'Plans ANALYZE of every table, changed or not, parents of partitions included. Returns how many tasks.';

-- acgs: role=superuser
-- Carries out the tasks of the upkeep, one at a time. A function cannot run VACUUM or REINDEX CONCURRENTLY, but it can
-- give such a statement to pg_cron as a job for the next minute, which runs it by itself, as acgs_upkeep. The job of
-- every minute of the night (R__upkeep_5_schedule.sql) calls run_upkeep(): it looks how the task before went, and
-- gives the next one away. Superuser only for the tables of pg_cron and for pgstattuple.

CREATE OR REPLACE FUNCTION platform.size_of_targets(targets oid [])
RETURNS bigint
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT sum(CASE WHEN relkind = 'i' THEN pg_relation_size(oid) ELSE pg_table_size(oid) END)::bigint
    FROM pg_class WHERE oid = ANY (targets)
$$;

COMMENT ON FUNCTION platform.size_of_targets(oid []) IS 'Bytes of tables or indexes; those that are gone count nothing.';

CREATE OR REPLACE FUNCTION platform.measure_index_air(index_oid oid)
RETURNS numeric
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    -- Of an index without entries the density is not a number.
    SELECT round((1 - measured.leaf_pages * coalesce(nullif(measured.avg_leaf_density, 'NaN'), 0) / 100
        * current_setting('block_size')::integer / (measured.index_size * 0.9))::numeric, 2)
    FROM public.pgstatindex(index_oid::regclass) AS measured
$$;

COMMENT ON FUNCTION platform.measure_index_air(oid) IS
'Share of a B-tree index that a rebuild (which fills pages to 90 %) would give back. Reads the whole index.';

CREATE OR REPLACE FUNCTION platform.settle_task(task platform.upkeep_tasks)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    slot bigint;
    run record;
    outcome text;
    said text;
    present oid[];
    in_halves boolean;
    half integer;
BEGIN
    SELECT jobid INTO slot FROM cron.job WHERE jobname = 'platform-upkeep-task';
    SELECT * INTO run FROM cron.job_run_details AS details
    WHERE details.jobid = slot AND details.runid > task.run_after ORDER BY details.runid DESC LIMIT 1;
    IF run.status = 'succeeded' THEN
        outcome := 'succeeded';
    ELSIF run.status = 'failed' THEN
        outcome := 'failed';
    ELSIF greatest(task.scheduled_for, run.start_time) < now() - interval '2 hours' THEN
        outcome := 'failed';
        said := 'pg_cron has not told how it ended';
    ELSIF run.status IS NULL AND task.scheduled_for < now() - interval '5 minutes' THEN
        -- A failover in that very minute, or pg_cron was held up.
        outcome := 'failed';
        said := 'pg_cron did not begin it';
    ELSE
        RETURN false;
    END IF;
    -- Its minute would come again in a year. Not before the run has ended: that would cancel it.
    PERFORM cron.unschedule(slot) WHERE slot IS NOT NULL;
    IF task.kind = 'reindex' THEN
        -- A rebuilt index is another one of the same name.
        task.targets := ARRAY[coalesce(to_regclass(task.target_names)::oid, task.targets[1])];
    END IF;
    -- One table that fails would fail all that stand behind it in the statement, tonight and every night. In halves it is
    -- soon alone.
    present := ARRAY(
        SELECT target FROM unnest(task.targets) WITH ORDINALITY AS named (target, place)
        WHERE EXISTS (SELECT FROM pg_class WHERE oid = target) ORDER BY place
    );
    in_halves := task.kind IN ('vacuum', 'analyze') AND cardinality(present) > 1
        AND coalesce(run.status = 'failed' AND run.return_message <> 'server restarted', false);
    UPDATE platform.upkeep_tasks SET
        targets = task.targets,
        status = CASE WHEN outcome = 'failed' AND attempts < 3 AND NOT in_halves THEN 'planned' ELSE outcome END,
        finished_at = CASE WHEN outcome = 'failed' AND attempts < 3 AND NOT in_halves THEN NULL ELSE now() END,
        message = coalesce(said, run.return_message),
        bytes_after = platform.size_of_targets(task.targets)
    WHERE id = task.id;
    IF in_halves THEN
        half := cardinality(present) / 2;
        PERFORM platform.plan_task(task.kind, part, format('half of a statement that failed (task %s)', task.id))
        FROM (VALUES (present[:half]), (present[half + 1:])) AS halves (part);
    END IF;
    IF task.kind = 'reindex' AND outcome = 'failed' THEN
        -- Its half costs every write until it is gone. Tonight, and before the next attempt.
        PERFORM platform.plan_leftovers();
    END IF;
    RETURN true;
END
$$;

COMMENT ON FUNCTION platform.settle_task(platform.upkeep_tasks) IS
'Writes down how a task went that pg_cron was given; false while it waits or runs. One that failed is planned again, '
'twice; of several tables, in halves.';

CREATE OR REPLACE FUNCTION platform.begin_task(task platform.upkeep_tasks)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    names text;
    air numeric;
    reason_to_skip text;
    status_then text := 'skipped';
    command text;
    minute timestamptz;
BEGIN
    -- Retention may have dropped some.
    SELECT string_agg(format('%I.%I', nspname, relname), ', ' ORDER BY place) INTO names
    FROM unnest(task.targets) WITH ORDINALITY AS target (target_oid, place)
    INNER JOIN pg_class ON pg_class.oid = target.target_oid
    INNER JOIN pg_namespace ON pg_namespace.oid = relnamespace;
    IF names IS NULL THEN
        reason_to_skip := 'is gone';
    ELSIF task.kind = 'reindex' THEN
        BEGIN
            air := platform.measure_index_air(task.targets[1]);
        EXCEPTION WHEN OTHERS THEN
            -- Locked, dropped a moment ago, damaged: a matter of this index, which must not hold up the tasks behind it.
            reason_to_skip := format('could not be measured: %s (SQLSTATE %s)', sqlerrm, sqlstate);
            status_then := CASE WHEN task.attempts < 2 THEN 'planned' ELSE 'failed' END;
        END;
        IF air < 0.3 THEN
            reason_to_skip := format('measured %s %% air only', round(air * 100));
        END IF;
    ELSIF task.kind = 'drop_index' AND NOT EXISTS (
        SELECT FROM platform.invalid_indexes AS found
        WHERE format('%I.%I', found.schema_name, found.index_name) = names
            AND found.is_leftover AND found.builder_pid IS NULL
    ) THEN
        reason_to_skip := 'is at work or valid by now';
    END IF;
    IF reason_to_skip IS NOT NULL THEN
        UPDATE platform.upkeep_tasks SET
            status = status_then, attempts = attempts + CASE status_then WHEN 'skipped' THEN 0 ELSE 1 END,
            finished_at = CASE WHEN status_then <> 'planned' THEN now() END, message = reason_to_skip,
            bytes_before = platform.size_of_targets(targets), bytes_after = platform.size_of_targets(targets)
        WHERE id = task.id;
        RETURN reason_to_skip;
    END IF;

    command := CASE task.kind
        -- Without TRUNCATE: it would take an exclusive lock to give back empty pages at the end.
        WHEN 'vacuum' THEN 'VACUUM (ANALYZE, SKIP_LOCKED, TRUNCATE false) '
        WHEN 'analyze' THEN 'ANALYZE (SKIP_LOCKED) '
        WHEN 'reindex' THEN 'REINDEX INDEX CONCURRENTLY '
        WHEN 'drop_index' THEN 'DROP INDEX CONCURRENTLY IF EXISTS '
    END || names;
    -- The next minute that pg_cron will not miss. It looks for new jobs every second.
    minute := date_trunc('minute', clock_timestamp() + interval '65 seconds');
    UPDATE platform.upkeep_tasks SET
        status = 'scheduled', attempts = attempts + 1, scheduled_for = minute, statement = command,
        run_after = (SELECT coalesce(max(runid), 0) FROM cron.job_run_details),
        bytes_before = platform.size_of_targets(targets), bytes_after = NULL
    WHERE id = task.id;
    PERFORM platform.schedule_job(
        'platform-upkeep-task', to_char(minute, 'FMMI FMHH24 FMDD FMMM "*"'), command, 'acgs_upkeep'
    );
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION platform.begin_task(platform.upkeep_tasks) IS
'Gives a task to pg_cron for the next minute and returns NULL; or marks it as skipped and returns why. An index is '
'measured first: an estimate of bloat may be wrong. One that cannot be measured is planned again, twice.';

CREATE OR REPLACE FUNCTION platform.run_upkeep()
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    task platform.upkeep_tasks;
    skipped text;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('platform.run_upkeep')) THEN
        RETURN 'another round is at work';
    END IF;
    SELECT * INTO task FROM platform.upkeep_tasks WHERE status = 'scheduled';
    IF FOUND AND NOT platform.settle_task(task) THEN
        RETURN format('waits for %s of %s', task.kind, task.target_names);
    END IF;
    UPDATE platform.upkeep_tasks SET status = 'skipped', finished_at = now(), message = 'its time was over'
    WHERE status = 'planned' AND expires_at < now();
    SELECT * INTO task FROM platform.upkeep_tasks WHERE status = 'planned'
    ORDER BY attempts, kind <> 'drop_index', id LIMIT 1;
    IF NOT FOUND THEN
        RETURN 'nothing to do';
    END IF;
    skipped := platform.begin_task(task);
    RETURN format('%s of %s: %s', task.kind, task.target_names, coalesce(skipped, 'given to pg_cron'));
END
$$;

COMMENT ON FUNCTION platform.run_upkeep() IS
'One step of the upkeep: settles the task that pg_cron was given, and gives it the next one. Returns what it did. '
'Called every minute of the night; by hand, call it again and again until it says: nothing to do.';

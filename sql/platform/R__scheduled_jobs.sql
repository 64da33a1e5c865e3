-- acgs: role=superuser
-- Scheduling by pg_cron, for the files of every schema. Two things make it a matter of the superuser: a job that
-- runs as another login than the one that schedules it, and a look at all jobs (pg_cron's tables show each login
-- only its own rows).

CREATE OR REPLACE FUNCTION platform.schedule_job(job_name text, cron_line text, statement text, login text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regprocedure('cron.schedule_in_database(text,text,text,text,text,boolean)') IS NULL THEN
        RAISE EXCEPTION 'job "%" cannot be scheduled: the extension pg_cron is not in this database', job_name
            USING HINT = 'Put pg_cron into shared_preload_libraries, set cron.database_name to this database, '
                'create the extension.';
    END IF;
    -- Without background workers pg_cron connects as a client and would need a password file on each member.
    IF current_setting('cron.use_background_workers', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'job "%" could not log in: cron.use_background_workers is not on', job_name
            USING HINT = 'Set cron.use_background_workers to on (needs a restart).';
    END IF;
    -- The server refuses a background worker whose role cannot log in, and only pg_cron's log would tell.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login AND rolcanlogin) THEN
        RAISE EXCEPTION 'job "%" cannot run as "%": that role cannot log in', job_name, login;
    END IF;
    -- A name belongs to a login: without this a job would go on under its former login beside the new one.
    PERFORM cron.unschedule(jobid) FROM cron.job WHERE jobname = job_name AND username <> login;
    RETURN cron.schedule_in_database(job_name, cron_line, statement, current_database()::text, login, true);
END
$$;

COMMENT ON FUNCTION platform.schedule_job(text, text, text, text) IS
'Schedules a statement by pg_cron under a name, or changes the job of that name: cron line in GMT, the statement, '
'the login it runs as. Jobs run on the primary only. Throws when it could not run.';

-- Owned by the superuser, whose view row-level security lets through.
CREATE OR REPLACE VIEW platform.scheduled_jobs WITH (security_barrier = true) AS
SELECT
    job.jobname AS job_name,
    job.schedule,
    job.username AS login,
    job.active,
    run.start_time AS last_start,
    run.end_time AS last_end,
    run.status AS last_status,
    run.return_message AS last_message,
    (
        SELECT max(details.start_time) FROM cron.job_run_details AS details
        WHERE details.jobid = job.jobid AND details.status = 'succeeded'
    ) AS last_success,
    (
        SELECT count(*) FROM cron.job_run_details AS details
        WHERE details.jobid = job.jobid AND details.status = 'failed' AND details.start_time > now() - interval '7 days'
    ) AS failures_7d
FROM cron.job AS job
LEFT JOIN LATERAL (
    SELECT details.start_time, details.end_time, details.status, details.return_message
    FROM cron.job_run_details AS details
    WHERE details.jobid = job.jobid
    ORDER BY details.runid DESC
    LIMIT 1
) AS run ON true;

COMMENT ON VIEW platform.scheduled_jobs IS 'The jobs of pg_cron, each with how its last run went.';
COMMENT ON COLUMN platform.scheduled_jobs.job_name IS 'Name of the job.';
COMMENT ON COLUMN platform.scheduled_jobs.schedule IS 'Minute, hour, day, month, day of the week (GMT).';
COMMENT ON COLUMN platform.scheduled_jobs.login IS 'Login that it runs as.';
COMMENT ON COLUMN platform.scheduled_jobs.active IS 'Whether it is started at all.';
COMMENT ON COLUMN platform.scheduled_jobs.last_start IS 'When the last run began; NULL before the first.';
COMMENT ON COLUMN platform.scheduled_jobs.last_end IS
'When pg_cron saw its end, which is late while another job runs; NULL during the run and after a crash.';
COMMENT ON COLUMN platform.scheduled_jobs.last_status IS 'starting, running, succeeded or failed.';
COMMENT ON COLUMN platform.scheduled_jobs.last_message IS
'What the server said. "server restarted" after a crash or a failover during the run.';
COMMENT ON COLUMN platform.scheduled_jobs.last_success IS 'When the last run began that succeeded, of the last 30 days.';
COMMENT ON COLUMN platform.scheduled_jobs.failures_7d IS 'Runs that failed in the last 7 days.';

-- One row per run for ever otherwise. A run that a crash has ended has no end, and one that never began no time at
-- all: the latter are as old as the runs before them. Jobs of every minute say little after two days.
CREATE OR REPLACE FUNCTION platform.forget_old_job_runs()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    forgotten bigint;
BEGIN
    DELETE FROM cron.job_run_details AS details
    WHERE coalesce(details.end_time, details.start_time) < now() - interval '30 days'
        OR (coalesce(details.end_time, details.start_time) IS NULL AND details.runid < (
            SELECT max(old.runid) FROM cron.job_run_details AS old WHERE old.start_time < now() - interval '30 days'
        ))
        OR (details.start_time < now() - interval '2 days' AND details.status = 'succeeded' AND details.jobid IN (
            SELECT job.jobid FROM cron.job AS job WHERE job.schedule LIKE '* %'
        ));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

COMMENT ON FUNCTION platform.forget_old_job_runs() IS
'Removes runs from pg_cron''s log that are older than 30 days; of jobs of every minute, those that succeeded, after 2.';

SELECT platform.schedule_job(
    'platform-forget-old-job-runs', '43 3 * * *', 'SELECT platform.forget_old_job_runs()', current_user::text
);

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

REVOKE ALL ON FUNCTION platform.schedule_job(text, text, text, text) FROM PUBLIC;

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
    run.return_message AS last_message
FROM cron.job AS job
LEFT JOIN LATERAL (
    SELECT details.start_time, details.end_time, details.status, details.return_message
    FROM cron.job_run_details AS details
    WHERE details.jobid = job.jobid
    ORDER BY details.runid DESC
    LIMIT 1
) AS run ON true;

COMMENT ON VIEW platform.scheduled_jobs IS 'The jobs of pg_cron, each with how its last run went.';

GRANT SELECT ON platform.scheduled_jobs TO acgs_monitor;

-- One row per run for ever otherwise.
SELECT platform.schedule_job(
    'platform-forget-old-job-runs', '43 3 * * *',
    $$DELETE FROM cron.job_run_details WHERE end_time < now() - interval '30 days'$$, current_user::text
);

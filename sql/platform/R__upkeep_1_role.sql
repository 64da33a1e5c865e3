-- acgs: role=superuser
-- Whom the upkeep runs as: what pg_cron starts, it starts as a login, and with that login's settings. This one has the
-- owner's rights and no others, is not cut off after 30 s as the services' logins are, and never waits long for a lock.
-- It has no password, so nobody can connect as it: only pg_cron's background workers need none.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'acgs_upkeep') THEN
        CREATE ROLE acgs_upkeep LOGIN;
    END IF;
END
$$;

COMMENT ON ROLE acgs_upkeep IS 'Jobs of pg_cron that vacuum, analyze and rebuild. Has no password: nobody connects as it.';

ALTER ROLE acgs_upkeep LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD NULL;
GRANT acgs_owner TO acgs_upkeep;
-- Which indexes are being built by others stands in pg_stat_progress_create_index.
GRANT pg_read_all_stats TO acgs_upkeep;
-- To vacuum what pg_cron writes at every run, it must be able to name it.
GRANT USAGE ON SCHEMA cron TO acgs_upkeep;

-- Nobody queues behind it for longer, and what cannot have its lock is tried again later.
ALTER ROLE acgs_upkeep SET lock_timeout = '2s';
-- While a job runs, pg_cron 1.4 starts no other: this bounds how long.
ALTER ROLE acgs_upkeep SET statement_timeout = '20min';
-- The I/O of VACUUM and ANALYZE: at most 80 MB of dirty pages or 800 MB of reads a second (twice autovacuum's).
ALTER ROLE acgs_upkeep SET vacuum_cost_delay = '2ms';
ALTER ROLE acgs_upkeep SET vacuum_cost_limit = 400;

-- Measures an index before it is rebuilt. Nobody but superusers and pg_stat_scan_tables may call it.
CREATE EXTENSION IF NOT EXISTS pgstattuple WITH SCHEMA public;

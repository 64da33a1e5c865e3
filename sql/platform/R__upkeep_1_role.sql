-- acgs: role=superuser
-- Whom the upkeep runs as: what pg_cron starts, it starts as a login, and with that login's settings. This one has the
-- owner's rights and no others, is not cut off after 30 s as the services' logins are, and never waits long for a lock
-- (R__privileges.sql sets its limits). It has no password, so nobody can connect as it: only pg_cron's background
-- workers need none.

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

-- Measures an index before it is rebuilt. Nobody but superusers and pg_stat_scan_tables may call it.
CREATE EXTENSION IF NOT EXISTS pgstattuple WITH SCHEMA public;

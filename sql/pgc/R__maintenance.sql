-- What pg_cron calls for pgc, in front of the upkeep that all schemas share (sql/platform).

CREATE OR REPLACE FUNCTION pgc.daily_partition_maintenance()
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT platform.daily_partition_maintenance('pgc') $$;

COMMENT ON FUNCTION pgc.daily_partition_maintenance() IS
'platform.daily_partition_maintenance() for pgc.';

CREATE OR REPLACE FUNCTION pgc.refresh_statistics()
RETURNS SETOF text
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT platform.refresh_statistics('pgc') $$;

COMMENT ON FUNCTION pgc.refresh_statistics() IS
'platform.refresh_statistics() for pgc.';

-- Default privileges give the service and the application every new function of this schema. These only do what the
-- policy says, or harm nobody: the service may call them, for its jobs; the application has no business with them.
REVOKE ALL ON FUNCTION pgc.daily_partition_maintenance() FROM PUBLIC, acgs_writer;
GRANT EXECUTE ON FUNCTION pgc.daily_partition_maintenance() TO pgc_service;
REVOKE ALL ON FUNCTION pgc.refresh_statistics() FROM PUBLIC, acgs_writer;
GRANT EXECUTE ON FUNCTION pgc.refresh_statistics() TO pgc_service;

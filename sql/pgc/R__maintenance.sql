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

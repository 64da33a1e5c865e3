-- What pg_cron calls for gs, in front of the upkeep that all schemas share (sql/platform).

CREATE OR REPLACE FUNCTION gs.daily_partition_maintenance()
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT platform.daily_partition_maintenance('gs') $$;

COMMENT ON FUNCTION gs.daily_partition_maintenance() IS
'platform.daily_partition_maintenance() for gs.';

CREATE OR REPLACE FUNCTION gs.refresh_statistics()
RETURNS SETOF text
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT platform.refresh_statistics('gs') $$;

COMMENT ON FUNCTION gs.refresh_statistics() IS
'platform.refresh_statistics() for gs.';

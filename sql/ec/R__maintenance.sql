-- What pg_cron calls for ec, in front of the upkeep that all schemas share (sql/platform).

CREATE OR REPLACE FUNCTION ec.daily_partition_maintenance()
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT platform.daily_partition_maintenance('ec') $$;

COMMENT ON FUNCTION ec.daily_partition_maintenance() IS
'platform.daily_partition_maintenance() for ec.';

CREATE OR REPLACE FUNCTION ec.refresh_statistics()
RETURNS SETOF text
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT platform.refresh_statistics('ec') $$;

COMMENT ON FUNCTION ec.refresh_statistics() IS
'platform.refresh_statistics() for ec.';

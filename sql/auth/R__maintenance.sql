-- The requirements' name in front of the upkeep that all schemas share (sql/platform).

CREATE OR REPLACE FUNCTION auth.daily_partition_maintenance()
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT platform.daily_partition_maintenance('auth') $$;

COMMENT ON FUNCTION auth.daily_partition_maintenance() IS
'platform.daily_partition_maintenance() for auth.';

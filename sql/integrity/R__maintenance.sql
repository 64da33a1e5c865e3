-- What pg_cron calls for integrity, in front of the upkeep that all schemas share (sql/platform).

CREATE OR REPLACE FUNCTION integrity.daily_partition_maintenance()
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    result constant jsonb := platform.daily_partition_maintenance('integrity');
BEGIN
    -- Those that were attached by hand: the others have it from the start.
    RETURN result || jsonb_build_object('protected', (
        SELECT coalesce(jsonb_agg(name), '[]') FROM integrity.protect_audit_partitions() AS name
    ));
END
$$;

COMMENT ON FUNCTION integrity.daily_partition_maintenance() IS
'platform.daily_partition_maintenance() for integrity; then protects new partitions of the audit trail from TRUNCATE, '
'and tells which these were.';

CREATE OR REPLACE FUNCTION integrity.refresh_statistics()
RETURNS SETOF text
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT platform.refresh_statistics('integrity') $$;

COMMENT ON FUNCTION integrity.refresh_statistics() IS
'platform.refresh_statistics() for integrity.';

-- Measurements that only mean something over time: the report tells growth and trends from them.

CREATE OR REPLACE FUNCTION platform.record_table_sizes()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    recorded bigint;
BEGIN
    INSERT INTO platform.table_size_history AS present (
        schema_name, table_name, table_bytes, index_bytes, estimated_rows
    )
    SELECT stat.schema_name, stat.table_name, stat.table_bytes, stat.index_bytes, stat.estimated_rows
    FROM platform.table_statistics AS stat
    ON CONFLICT (measured_on, schema_name, table_name) DO UPDATE SET
        table_bytes = excluded.table_bytes, index_bytes = excluded.index_bytes, estimated_rows = excluded.estimated_rows;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    DELETE FROM platform.table_size_history WHERE measured_on < (now() AT TIME ZONE 'UTC')::date - 400;
    RETURN recorded;
END
$$;

COMMENT ON FUNCTION platform.record_table_sizes() IS
'Writes down the size of every table for today (again: replaces it), and forgets those older than 400 days.';

CREATE OR REPLACE FUNCTION platform.record_index_usage()
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    recorded bigint;
BEGIN
    INSERT INTO platform.index_usage_history AS present (
        schema_name, table_name, index_name, timeline, idx_scan, size_bytes
    )
    SELECT
        usage.schema_name, usage.table_name, usage.index_name,
        ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer,
        usage.idx_scan, usage.size_bytes
    FROM platform.index_usage AS usage
    ON CONFLICT (measured_on, schema_name, table_name, index_name) DO UPDATE SET
        timeline = excluded.timeline, idx_scan = excluded.idx_scan, size_bytes = excluded.size_bytes;
    GET DIAGNOSTICS recorded = ROW_COUNT;
    DELETE FROM platform.index_usage_history WHERE measured_on < (now() AT TIME ZONE 'UTC')::date - 400;
    RETURN recorded;
END
$$;

COMMENT ON FUNCTION platform.record_index_usage() IS
'Writes down use and size of every index for today (again: replaces it), and forgets those older than 400 days.';

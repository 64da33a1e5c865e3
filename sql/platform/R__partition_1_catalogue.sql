-- What partitions there are, read from the server's own catalogue: names are for people, bounds decide.

CREATE OR REPLACE FUNCTION platform.month_partitions(parent regclass)
RETURNS TABLE (partition regclass, partition_name text, lower_bound timestamptz, upper_bound timestamptz)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
-- Bounds are printed in the session's zone and style; the cast below must read what was printed.
SET timezone = 'UTC'
SET datestyle = 'ISO'
AS $$
    SELECT
        child.oid::pg_catalog.regclass,
        child.relname::text,
        bounds.found[1]::timestamptz,
        bounds.found[2]::timestamptz
    FROM pg_catalog.pg_inherits AS link
    INNER JOIN pg_catalog.pg_class AS child ON link.inhrelid = child.oid
    -- A partition that is DEFAULT or has no lower or upper end does not match: its bounds are NULL.
    CROSS JOIN LATERAL (
        SELECT regexp_match(
            pg_get_expr(child.relpartbound, child.oid),
            '^FOR VALUES FROM \(''([^'']+)''\) TO \(''([^'']+)''\)$'
        ) AS found
    ) AS bounds
    WHERE link.inhparent = parent AND NOT link.inhdetachpending
    ORDER BY 3, 2
$$;

COMMENT ON FUNCTION platform.month_partitions(regclass) IS
'Partitions one level below a table that is partitioned by time, with their bounds; NULL bounds for a partition '
'that is open or DEFAULT.';

CREATE OR REPLACE FUNCTION platform.partition_name(table_name text, month date, list_value text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name constant text := table_name || to_char(month, '"_y"YYYY"m"MM') || coalesce('_' || list_value, '');
BEGIN
    -- The server would cut a longer name without a word, and two partitions could then want one name.
    IF octet_length(name) > 63 THEN
        RAISE EXCEPTION 'partition name "%" has % bytes, the server keeps 63', name, octet_length(name)
            USING ERRCODE = 'name_too_long', HINT = 'Give the table or the value of its list column a shorter name.';
    END IF;
    RETURN name;
END
$$;

COMMENT ON FUNCTION platform.partition_name(text, date, text) IS
'Name of a month''s partition, <table>_y2025m06, or of its sub-partition, <table>_y2025m06_<value>.';

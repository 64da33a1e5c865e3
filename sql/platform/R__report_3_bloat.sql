-- How much of tables and B-tree indexes is air, estimated from statistics: what the rows would take if they were just
-- written, against what there is. No table or index is read, so this may be asked at any time. Good to about a fifth
-- where rows have been analyzed; pgstattuple measures (platform.run_upkeep() does so before it rebuilds an index).
--
-- SECURITY DEFINER: pg_stats shows only columns that one may read, and nobody but the owner may read all. Only sizes
-- come out.

DROP VIEW IF EXISTS platform.index_bloat;
DROP VIEW IF EXISTS platform.table_bloat;

-- Entries of equal keys share space (deduplication), which an estimate cannot know: indexes on columns of few values
-- come out with less air than they have, never with more.
CREATE OR REPLACE FUNCTION platform.estimate_index_bloat()
RETURNS TABLE (
    schema_name text, table_name text, index_name text, index_oid oid, size_bytes bigint, bloat_bytes bigint,
    bloat_ratio numeric
)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    WITH indexes AS (
        SELECT
            definition.indexrelid,
            namespace.nspname,
            indexed.relname AS indexed_name,
            class.relname,
            class.relpages::bigint AS pages,
            class.reltuples,
            definition.indkey::int2 [] AS keys,
            coalesce(
                (SELECT option_value::integer FROM pg_options_to_table(class.reloptions) WHERE option_name = 'fillfactor'),
                90
            ) AS fill_percent
        FROM pg_index AS definition
        INNER JOIN pg_class AS class ON definition.indexrelid = class.oid
        INNER JOIN pg_class AS indexed ON definition.indrelid = indexed.oid
        INNER JOIN pg_namespace AS namespace ON indexed.relnamespace = namespace.oid
        INNER JOIN pg_am AS method ON class.relam = method.oid
        WHERE method.amname = 'btree' AND class.relkind = 'i' AND class.relpersistence = 'p' AND definition.indisvalid
            AND class.relpages > 0 AND class.reltuples >= 0
            AND namespace.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    ),
    -- Columns of the table by its statistics, expressions by those of the index.
    columns AS (
        SELECT
            indexes.indexrelid,
            CASE WHEN part.key = 0 THEN indexes.relname ELSE indexes.indexed_name END AS relation_name,
            indexes.nspname,
            attribute.attname
        FROM indexes
        CROSS JOIN LATERAL unnest(indexes.keys) WITH ORDINALITY AS part (key, place)
        INNER JOIN pg_attribute AS attribute
            ON attribute.attrelid = indexes.indexrelid AND attribute.attnum = part.place AND part.key = 0
                OR attribute.attrelid = (SELECT indrelid FROM pg_index WHERE indexrelid = indexes.indexrelid)
                    AND attribute.attnum = part.key AND part.key <> 0
    ),
    widths AS (
        SELECT
            columns.indexrelid,
            sum((1 - stats.null_frac) * stats.avg_width) AS data_width,
            max(stats.null_frac) > 0 AS has_nulls
        FROM columns
        LEFT JOIN pg_stats AS stats
            ON columns.nspname = stats.schemaname AND columns.relation_name = stats.tablename
                AND columns.attname = stats.attname AND NOT stats.inherited
        GROUP BY columns.indexrelid
        -- Without statistics of every column there is no estimate.
        HAVING count(*) = count(stats.avg_width)
    ),
    estimates AS (
        SELECT
            indexes.*,
            -- A page has 24 bytes of header and 16 of its own; an entry a line pointer of 4, a header of 8 (with a
            -- bitmap of nulls 16), and its data, aligned to 8. One page is the index's own.
            1 + ceil(
                indexes.reltuples * (
                    4 + CASE WHEN widths.has_nulls THEN 16 ELSE 8 END + ceil(widths.data_width / 8.0) * 8
                ) / ((current_setting('block_size')::integer - 40) * indexes.fill_percent / 100.0)
            ) AS needed
        FROM indexes INNER JOIN widths ON indexes.indexrelid = widths.indexrelid
    )
    SELECT
        nspname::text,
        indexed_name::text,
        relname::text,
        indexrelid,
        pages * current_setting('block_size')::bigint,
        (greatest(pages - needed, 0) * current_setting('block_size')::bigint)::bigint,
        round(greatest(1 - needed / pages, 0)::numeric, 2)
    FROM estimates
$$;

COMMENT ON FUNCTION platform.estimate_index_bloat() IS
'B-tree indexes that hold rows, with what they would need if they were rebuilt (estimated from statistics).';

CREATE OR REPLACE FUNCTION platform.estimate_table_bloat()
RETURNS TABLE (schema_name text, table_name text, size_bytes bigint, bloat_bytes bigint, bloat_ratio numeric)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    WITH widths AS (
        SELECT
            class.oid,
            sum((1 - stats.null_frac) * stats.avg_width) AS data_width,
            max(stats.null_frac) > 0 AS has_nulls,
            count(*) AS columns
        FROM pg_class AS class
        INNER JOIN pg_namespace AS namespace ON class.relnamespace = namespace.oid
        INNER JOIN pg_attribute AS attribute
            ON class.oid = attribute.attrelid AND attribute.attnum > 0 AND NOT attribute.attisdropped
        LEFT JOIN pg_stats AS stats
            ON namespace.nspname = stats.schemaname AND class.relname = stats.tablename
                AND attribute.attname = stats.attname AND NOT stats.inherited
        WHERE class.relkind IN ('r', 'm') AND class.relpersistence = 'p' AND class.reltuples >= 0
            AND namespace.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        GROUP BY class.oid
        HAVING count(*) = count(stats.avg_width)
    ),
    estimates AS (
        SELECT
            namespace.nspname,
            class.relname,
            class.relpages::bigint AS pages,
            -- A page has 24 bytes of header; a row a line pointer of 4, a header of 23 with a bitmap of nulls, and
            -- its data, both aligned to 8. TOAST is a table of its own and not in relpages.
            ceil(
                class.reltuples * (
                    4
                    + ceil((23 + CASE WHEN widths.has_nulls THEN (widths.columns + 7) / 8 ELSE 0 END) / 8.0) * 8
                    + ceil(widths.data_width / 8.0) * 8
                ) / ((current_setting('block_size')::integer - 24) * coalesce(
                    (
                        SELECT option_value::integer FROM pg_options_to_table(class.reloptions)
                        WHERE option_name = 'fillfactor'
                    ),
                    100
                ) / 100.0)
            ) AS needed
        FROM widths
        INNER JOIN pg_class AS class ON widths.oid = class.oid
        INNER JOIN pg_namespace AS namespace ON class.relnamespace = namespace.oid
        WHERE class.relpages > 0
    )
    SELECT
        nspname::text,
        relname::text,
        pages * current_setting('block_size')::bigint,
        (greatest(pages - needed, 0) * current_setting('block_size')::bigint)::bigint,
        round(greatest(1 - needed / pages, 0)::numeric, 2)
    FROM estimates
$$;

COMMENT ON FUNCTION platform.estimate_table_bloat() IS
'Tables and partitions that hold rows, with what they would need if they were rewritten (estimated from statistics).';

CREATE VIEW platform.index_bloat AS
SELECT schema_name, table_name, index_name, index_oid, size_bytes, bloat_bytes, bloat_ratio
FROM platform.estimate_index_bloat();

CREATE VIEW platform.table_bloat AS
SELECT schema_name, table_name, size_bytes, bloat_bytes, bloat_ratio FROM platform.estimate_table_bloat();

COMMENT ON VIEW platform.index_bloat IS 'Air in B-tree indexes, each partition''s by itself, estimated from statistics.';
COMMENT ON VIEW platform.table_bloat IS 'Air in tables and partitions, estimated from statistics.';
COMMENT ON COLUMN platform.index_bloat.schema_name IS 'Schema.';
COMMENT ON COLUMN platform.index_bloat.table_name IS 'Table or partition.';
COMMENT ON COLUMN platform.index_bloat.index_name IS 'Index.';
COMMENT ON COLUMN platform.index_bloat.index_oid IS 'Its oid.';
COMMENT ON COLUMN platform.index_bloat.size_bytes IS 'Size in bytes as of the last vacuum or analyze.';
COMMENT ON COLUMN platform.index_bloat.bloat_bytes IS 'What a rebuild would give back, in bytes.';
COMMENT ON COLUMN platform.index_bloat.bloat_ratio IS 'The same as a share of the size, 0 to 1.';
COMMENT ON COLUMN platform.table_bloat.schema_name IS 'Schema.';
COMMENT ON COLUMN platform.table_bloat.table_name IS 'Table or partition.';
COMMENT ON COLUMN platform.table_bloat.size_bytes IS 'Size without TOAST in bytes, as of the last vacuum or analyze.';
COMMENT ON COLUMN platform.table_bloat.bloat_bytes IS 'What a rewrite would give back, in bytes.';
COMMENT ON COLUMN platform.table_bloat.bloat_ratio IS 'The same as a share of the size, 0 to 1.';

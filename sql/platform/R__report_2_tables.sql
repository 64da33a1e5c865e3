-- What the report and any monitor ask about tables. Partitions are added up to the table that they belong to: a single
-- month says little. Only the sizes of partitions are listed one by one.

DROP VIEW IF EXISTS platform.table_statistics;
DROP VIEW IF EXISTS platform.partition_sizes;

CREATE VIEW platform.table_statistics AS
WITH leaves AS (
    SELECT
        coalesce(pg_partition_root(stat.relid)::oid, stat.relid) AS root_oid,
        stat.*,
        io.heap_blks_hit + coalesce(io.idx_blks_hit, 0) + coalesce(io.toast_blks_hit, 0)
        + coalesce(io.tidx_blks_hit, 0) AS blks_hit,
        io.heap_blks_read + coalesce(io.idx_blks_read, 0) + coalesce(io.toast_blks_read, 0)
        + coalesce(io.tidx_blks_read, 0) AS blks_read,
        greatest(leaf.reltuples, 0) AS estimated_rows,
        pg_table_size(stat.relid) AS table_bytes,
        pg_indexes_size(stat.relid) AS index_bytes,
        age(leaf.relfrozenxid) AS xid_age
    FROM pg_stat_user_tables AS stat
    INNER JOIN pg_statio_user_tables AS io ON stat.relid = io.relid
    INNER JOIN pg_class AS leaf ON stat.relid = leaf.oid
    -- In PostgreSQL 15 the parents of partitions are listed here too, with zeros.
    WHERE leaf.relkind IN ('r', 'm')
)

SELECT
    namespace.nspname::text AS schema_name,
    root.relname::text AS table_name,
    CASE WHEN root.relkind = 'p' THEN count(*) ELSE 0 END AS partitions,
    sum(leaves.estimated_rows)::bigint AS estimated_rows,
    sum(leaves.n_live_tup)::bigint AS live_rows,
    sum(leaves.n_dead_tup)::bigint AS dead_rows,
    sum(leaves.n_tup_ins)::bigint AS rows_inserted,
    sum(leaves.n_tup_upd)::bigint AS rows_updated,
    sum(leaves.n_tup_del)::bigint AS rows_deleted,
    sum(leaves.seq_scan)::bigint AS seq_scan,
    sum(leaves.seq_tup_read)::bigint AS seq_tup_read,
    coalesce(sum(leaves.idx_scan), 0)::bigint AS idx_scan,
    sum(leaves.blks_hit)::bigint AS blks_hit,
    sum(leaves.blks_read)::bigint AS blks_read,
    round(sum(leaves.blks_hit) / nullif(sum(leaves.blks_hit + leaves.blks_read), 0), 4) AS hit_ratio,
    sum(leaves.table_bytes)::bigint AS table_bytes,
    sum(leaves.index_bytes)::bigint AS index_bytes,
    (sum(leaves.table_bytes) + sum(leaves.index_bytes))::bigint AS total_bytes,
    (
        sum(leaves.table_bytes) + sum(leaves.index_bytes)
        - (
            SELECT past.table_bytes + past.index_bytes FROM platform.table_size_history AS past
            WHERE past.schema_name = namespace.nspname AND past.table_name = root.relname
                AND past.measured_on <= (now() AT TIME ZONE 'UTC')::date - 7
            ORDER BY past.measured_on DESC LIMIT 1
        )
    )::bigint AS growth_bytes_7d,
    max(greatest(leaves.last_vacuum, leaves.last_autovacuum)) AS last_vacuum,
    max(greatest(leaves.last_analyze, leaves.last_autoanalyze)) AS last_analyze,
    max(leaves.xid_age) AS xid_age
FROM leaves
INNER JOIN pg_class AS root ON leaves.root_oid = root.oid
INNER JOIN pg_namespace AS namespace ON root.relnamespace = namespace.oid
GROUP BY namespace.nspname, root.oid, root.relname, root.relkind;

COMMENT ON VIEW platform.table_statistics IS
'Size, growth, use, cache and vacuum of each table since the statistics were last reset, partitions added up.';

CREATE VIEW platform.partition_sizes AS
SELECT
    namespace.nspname::text AS schema_name,
    root.relname::text AS table_name,
    leaf.relname::text AS partition_name,
    months.lower_bound AS range_start,
    months.upper_bound AS range_end,
    CASE WHEN leaf.oid <> months.partition THEN pg_get_expr(leaf.relpartbound, leaf.oid) END AS list_bound,
    greatest(leaf.reltuples, 0)::bigint AS estimated_rows,
    pg_table_size(leaf.oid) AS table_bytes,
    pg_indexes_size(leaf.oid) AS index_bytes,
    pg_total_relation_size(leaf.oid) AS total_bytes
FROM pg_class AS root
INNER JOIN pg_namespace AS namespace ON root.relnamespace = namespace.oid
CROSS JOIN LATERAL platform.month_partitions(root.oid::regclass) AS months
CROSS JOIN LATERAL pg_partition_tree(months.partition) AS tree
INNER JOIN pg_class AS leaf ON tree.relid = leaf.oid
WHERE root.relkind = 'p' AND NOT root.relispartition AND tree.isleaf
ORDER BY namespace.nspname, root.relname, months.lower_bound, leaf.relname;

COMMENT ON VIEW platform.partition_sizes IS
'Size of every partition that holds rows, in all schemas, with its range (UTC) and the bound of its sub-partition.';

COMMENT ON COLUMN platform.table_statistics.schema_name IS 'Schema.';
COMMENT ON COLUMN platform.table_statistics.table_name IS
'Table or materialized view; a partitioned table with its partitions.';
COMMENT ON COLUMN platform.table_statistics.partitions IS 'Partitions that hold rows; 0 for a plain table.';
COMMENT ON COLUMN platform.table_statistics.estimated_rows IS 'Rows as of the last vacuum or analyze.';
COMMENT ON COLUMN platform.table_statistics.live_rows IS 'Rows as the statistics count them.';
COMMENT ON COLUMN platform.table_statistics.dead_rows IS 'Rows that VACUUM has yet to remove.';
COMMENT ON COLUMN platform.table_statistics.rows_inserted IS 'Rows inserted.';
COMMENT ON COLUMN platform.table_statistics.rows_updated IS 'Rows updated.';
COMMENT ON COLUMN platform.table_statistics.rows_deleted IS 'Rows deleted.';
COMMENT ON COLUMN platform.table_statistics.seq_scan IS 'Scans of whole tables or partitions.';
COMMENT ON COLUMN platform.table_statistics.seq_tup_read IS 'Rows that these read.';
COMMENT ON COLUMN platform.table_statistics.idx_scan IS 'Scans of indexes.';
COMMENT ON COLUMN platform.table_statistics.blks_hit IS 'Blocks of rows, indexes and TOAST found in shared buffers.';
COMMENT ON COLUMN platform.table_statistics.blks_read IS 'Those read from the operating system.';
COMMENT ON COLUMN platform.table_statistics.hit_ratio IS 'Share found in shared buffers, 0 to 1.';
COMMENT ON COLUMN platform.table_statistics.table_bytes IS 'Rows with TOAST and maps, in bytes.';
COMMENT ON COLUMN platform.table_statistics.index_bytes IS 'Indexes in bytes.';
COMMENT ON COLUMN platform.table_statistics.total_bytes IS 'Both together, in bytes.';
COMMENT ON COLUMN platform.table_statistics.growth_bytes_7d IS
'More than at the last measurement that is at least 7 days old; NULL without one.';
COMMENT ON COLUMN platform.table_statistics.last_vacuum IS 'Last vacuum of any partition, by hand or by autovacuum.';
COMMENT ON COLUMN platform.table_statistics.last_analyze IS 'Last analyze of any partition.';
COMMENT ON COLUMN platform.table_statistics.xid_age IS 'Transactions since the oldest unfrozen one.';
COMMENT ON COLUMN platform.partition_sizes.schema_name IS 'Schema.';
COMMENT ON COLUMN platform.partition_sizes.table_name IS 'Partitioned table.';
COMMENT ON COLUMN platform.partition_sizes.partition_name IS 'Partition that holds rows.';
COMMENT ON COLUMN platform.partition_sizes.range_start IS 'First moment of its month.';
COMMENT ON COLUMN platform.partition_sizes.range_end IS 'First moment after its month.';
COMMENT ON COLUMN platform.partition_sizes.list_bound IS 'Bound of the sub-partition; NULL where the month has none.';
COMMENT ON COLUMN platform.partition_sizes.estimated_rows IS 'Rows as of the last vacuum or analyze.';
COMMENT ON COLUMN platform.partition_sizes.table_bytes IS 'Rows with TOAST and maps, in bytes.';
COMMENT ON COLUMN platform.partition_sizes.index_bytes IS 'Indexes in bytes.';
COMMENT ON COLUMN platform.partition_sizes.total_bytes IS 'Both together, in bytes.';

-- What operators look at. Views are dropped and made again, because a changed one may have other columns;
-- R__privileges.sql gives them to the readers anew.

DROP VIEW IF EXISTS dgm.index_usage;
DROP VIEW IF EXISTS dgm.slow_queries;
DROP VIEW IF EXISTS dgm.partition_sizes;

-- One row per index of a table, with its partitions' indexes added up: that an index of one month is not used says
-- nothing, that the index as a whole is not used says that it can go.
CREATE VIEW dgm.index_usage AS
SELECT
    root_table.relname AS table_name,
    root_index.relname AS index_name,
    sum(stat.idx_scan)::bigint AS idx_scan,
    sum(stat.idx_tup_read)::bigint AS idx_tup_read,
    sum(stat.idx_tup_fetch)::bigint AS idx_tup_fetch,
    round(
        sum(io.idx_blks_hit)::numeric / nullif(sum(io.idx_blks_hit) + sum(io.idx_blks_read), 0), 4
    ) AS hit_ratio,
    count(*) AS physical_indexes,
    sum(pg_relation_size(stat.indexrelid))::bigint AS size_bytes,
    pg_size_pretty(sum(pg_relation_size(stat.indexrelid))) AS size,
    root_definition.indisunique AS is_unique,
    root_definition.indisvalid AND bool_and(leaf_definition.indisvalid) AS is_valid
FROM pg_catalog.pg_stat_user_indexes AS stat
INNER JOIN pg_catalog.pg_statio_user_indexes AS io ON stat.indexrelid = io.indexrelid
INNER JOIN pg_catalog.pg_index AS leaf_definition ON stat.indexrelid = leaf_definition.indexrelid
INNER JOIN pg_catalog.pg_index AS root_definition
    ON root_definition.indexrelid = coalesce(pg_partition_root(stat.indexrelid)::oid, stat.indexrelid)
INNER JOIN pg_catalog.pg_class AS root_index ON root_definition.indexrelid = root_index.oid
INNER JOIN pg_catalog.pg_class AS root_table ON root_definition.indrelid = root_table.oid
WHERE stat.schemaname = 'dgm'
GROUP BY root_table.relname, root_index.relname, root_definition.indisunique, root_definition.indisvalid;

COMMENT ON VIEW dgm.index_usage IS
'Use and size of each index since the statistics were last reset, partitions added up.';

-- The threshold is the service's own setting. Texts of other logins' statements are seen by members of
-- pg_read_all_stats (acgs_monitor), as pg_stat_statements has it.
CREATE VIEW dgm.slow_queries AS
SELECT
    login.rolname AS login,
    statements.queryid,
    statements.query,
    statements.calls,
    statements.mean_exec_time AS mean_ms,
    statements.max_exec_time AS max_ms,
    statements.total_exec_time AS total_ms,
    statements.rows,
    round(
        statements.shared_blks_hit::numeric / nullif(statements.shared_blks_hit + statements.shared_blks_read, 0), 4
    ) AS hit_ratio
FROM public.pg_stat_statements AS statements
INNER JOIN pg_catalog.pg_database AS here ON statements.dbid = here.oid AND here.datname = current_database()
LEFT JOIN pg_catalog.pg_roles AS login ON statements.userid = login.oid
WHERE statements.mean_exec_time >= coalesce(
    (
        SELECT (setting.config_value #>> '{}')::double precision FROM dgm.system_configurations AS setting
        WHERE setting.config_key = 'slow_query_threshold_ms'
    ),
    200
)
ORDER BY statements.mean_exec_time DESC;

COMMENT ON VIEW dgm.slow_queries IS
'Statements of this database whose mean execution time reaches slow_query_threshold_ms (system_configurations; 200 '
'ms if it is missing), slowest first. Times in ms.';

CREATE VIEW dgm.partition_sizes AS
SELECT
    root.relname AS table_name,
    leaf.relname AS partition_name,
    months.lower_bound AS range_start,
    months.upper_bound AS range_end,
    CASE WHEN leaf.oid <> months.partition THEN pg_get_expr(leaf.relpartbound, leaf.oid) END AS list_bound,
    greatest(leaf.reltuples, 0)::bigint AS estimated_rows,
    pg_table_size(leaf.oid) AS table_bytes,
    pg_indexes_size(leaf.oid) AS index_bytes,
    pg_total_relation_size(leaf.oid) AS total_bytes,
    pg_size_pretty(pg_total_relation_size(leaf.oid)) AS total_size
FROM pg_catalog.pg_class AS root
CROSS JOIN LATERAL platform.month_partitions(root.oid::regclass) AS months
CROSS JOIN LATERAL pg_partition_tree(months.partition) AS tree
INNER JOIN pg_catalog.pg_class AS leaf ON tree.relid = leaf.oid
WHERE root.relnamespace = 'dgm'::regnamespace AND root.relkind = 'p' AND NOT root.relispartition AND tree.isleaf
ORDER BY root.relname, months.lower_bound, leaf.relname;

COMMENT ON VIEW dgm.partition_sizes IS
'Size of every partition that holds rows, with its range (UTC) and, in the archive, its status. Sizes in bytes; '
'estimated_rows as of the last vacuum or analyze.';

COMMENT ON COLUMN dgm.index_usage.table_name IS 'Table, or the partitioned table above it.';
COMMENT ON COLUMN dgm.index_usage.index_name IS 'Index, or the partitioned index above it.';
COMMENT ON COLUMN dgm.index_usage.idx_scan IS 'Scans begun on the index.';
COMMENT ON COLUMN dgm.index_usage.idx_tup_read IS 'Entries returned by scans.';
COMMENT ON COLUMN dgm.index_usage.idx_tup_fetch IS 'Live rows fetched by simple scans.';
COMMENT ON COLUMN dgm.index_usage.hit_ratio IS 'Share of blocks found in shared buffers, 0 to 1.';
COMMENT ON COLUMN dgm.index_usage.physical_indexes IS 'Indexes added up: one per partition.';
COMMENT ON COLUMN dgm.index_usage.size_bytes IS 'Size in bytes.';
COMMENT ON COLUMN dgm.index_usage.size IS 'Size for people.';
COMMENT ON COLUMN dgm.index_usage.is_unique IS 'Whether it enforces a key: never drop it for lack of scans.';
COMMENT ON COLUMN dgm.index_usage.is_valid IS 'Whether queries may use it; false after a failed concurrent build.';
COMMENT ON COLUMN dgm.slow_queries.login IS 'Login that ran the statement.';
COMMENT ON COLUMN dgm.slow_queries.queryid IS 'Hash of the normalised statement.';
COMMENT ON COLUMN dgm.slow_queries.query IS 'Normalised text.';
COMMENT ON COLUMN dgm.slow_queries.calls IS 'Executions.';
COMMENT ON COLUMN dgm.slow_queries.mean_ms IS 'Mean execution time in ms.';
COMMENT ON COLUMN dgm.slow_queries.max_ms IS 'Longest execution in ms.';
COMMENT ON COLUMN dgm.slow_queries.total_ms IS 'Time spent in all executions in ms.';
COMMENT ON COLUMN dgm.slow_queries.rows IS 'Rows returned or changed in all executions.';
COMMENT ON COLUMN dgm.slow_queries.hit_ratio IS 'Share of blocks found in shared buffers, 0 to 1.';
COMMENT ON COLUMN dgm.partition_sizes.table_name IS 'Partitioned table.';
COMMENT ON COLUMN dgm.partition_sizes.partition_name IS 'Partition that holds rows.';
COMMENT ON COLUMN dgm.partition_sizes.range_start IS 'First moment of its month.';
COMMENT ON COLUMN dgm.partition_sizes.range_end IS 'First moment after its month.';
COMMENT ON COLUMN dgm.partition_sizes.list_bound IS 'Bound of the sub-partition; NULL where the month has none.';
COMMENT ON COLUMN dgm.partition_sizes.estimated_rows IS 'Rows as of the last vacuum or analyze.';
COMMENT ON COLUMN dgm.partition_sizes.table_bytes IS 'Rows with TOAST and maps, in bytes.';
COMMENT ON COLUMN dgm.partition_sizes.index_bytes IS 'Indexes in bytes.';
COMMENT ON COLUMN dgm.partition_sizes.total_bytes IS 'Both together, in bytes.';
COMMENT ON COLUMN dgm.partition_sizes.total_size IS 'The same for people.';

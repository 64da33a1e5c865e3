-- What the report and any monitor ask about indexes. One row per index of a table, with its partitions' indexes added
-- up: whether the index of one month is used says nothing.

DROP VIEW IF EXISTS platform.index_usage;
DROP VIEW IF EXISTS platform.redundant_indexes;
DROP VIEW IF EXISTS platform.invalid_indexes;
DROP VIEW IF EXISTS platform.unindexed_foreign_keys;
DROP VIEW IF EXISTS platform.index_usage_trend;

CREATE VIEW platform.index_usage AS
SELECT
    namespace.nspname::text AS schema_name,
    root_table.relname::text AS table_name,
    root_index.relname::text AS index_name,
    method.amname::text AS method,
    sum(stat.idx_scan)::bigint AS idx_scan,
    sum(stat.idx_tup_read)::bigint AS idx_tup_read,
    round(
        sum(io.idx_blks_hit) / nullif(sum(io.idx_blks_hit) + sum(io.idx_blks_read), 0), 4
    ) AS hit_ratio,
    count(*) AS physical_indexes,
    sum(pg_relation_size(stat.indexrelid))::bigint AS size_bytes,
    root.indisunique OR root.indisreplident OR EXISTS (
        SELECT FROM pg_constraint AS enforced
        WHERE enforced.conindid = root.indexrelid AND enforced.contype IN ('p', 'u', 'x')
    ) AS enforces,
    pg_get_indexdef(root.indexrelid) AS definition
FROM pg_stat_user_indexes AS stat
INNER JOIN pg_statio_user_indexes AS io ON stat.indexrelid = io.indexrelid
INNER JOIN pg_index AS root
    ON root.indexrelid = coalesce(pg_partition_root(stat.indexrelid)::oid, stat.indexrelid)
INNER JOIN pg_class AS root_index ON root.indexrelid = root_index.oid
INNER JOIN pg_am AS method ON root_index.relam = method.oid
INNER JOIN pg_class AS root_table ON root.indrelid = root_table.oid
INNER JOIN pg_namespace AS namespace ON root_table.relnamespace = namespace.oid
GROUP BY namespace.nspname, root_table.relname, root_index.relname, method.amname, root.indexrelid, root.indisunique,
    root.indisreplident;

COMMENT ON VIEW platform.index_usage IS
'Use and size of each index of all schemas since the statistics were last reset, partitions added up.';

-- An index whose whole work another one can do: either the same columns in the same way, or the first columns of a
-- longer B-tree. Partial ones only against those with the same predicate.
CREATE VIEW platform.redundant_indexes AS
WITH indexes AS (
    SELECT
        definition.indexrelid,
        definition.indrelid,
        class.relname,
        method.amname,
        definition.indnkeyatts AS key_count,
        definition.indisunique,
        -- Of the table itself, or a foreign key that points to it.
        definition.indisreplident OR EXISTS (
            SELECT FROM pg_constraint AS dependent WHERE dependent.conindid = definition.indexrelid
        ) AS is_needed,
        -- These vectors count from 0; slices of them count from 1.
        (definition.indkey::int2 [])[0:definition.indnkeyatts - 1] AS keys,
        (definition.indkey::int2 []) AS all_columns,
        (definition.indclass::oid [])[0:definition.indnkeyatts - 1] AS classes,
        (definition.indcollation::oid [])[0:definition.indnkeyatts - 1] AS collations,
        (definition.indoption::int2 [])[0:definition.indnkeyatts - 1] AS options,
        coalesce(pg_get_expr(definition.indexprs, definition.indrelid), '') AS expressions,
        coalesce(pg_get_expr(definition.indpred, definition.indrelid), '') AS predicate
    FROM pg_index AS definition
    INNER JOIN pg_class AS class ON definition.indexrelid = class.oid
    INNER JOIN pg_am AS method ON class.relam = method.oid
    INNER JOIN pg_namespace AS namespace ON class.relnamespace = namespace.oid
    -- An index of a partition has no life of its own.
    WHERE definition.indisvalid AND NOT class.relispartition
        AND namespace.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
),
pairs AS (
    SELECT
        narrow.indexrelid,
        narrow.indrelid,
        narrow.relname,
        wide.indexrelid AS covering_oid,
        wide.relname AS covering_name,
        CASE
            WHEN narrow.key_count = wide.key_count AND cardinality(narrow.all_columns) = cardinality(wide.all_columns)
                THEN 'duplicate'
            ELSE 'prefix'
        END AS kind
    FROM indexes AS narrow
    INNER JOIN indexes AS wide
        ON narrow.indrelid = wide.indrelid AND narrow.indexrelid <> wide.indexrelid
            AND narrow.amname = wide.amname AND narrow.predicate = wide.predicate
            AND (narrow.amname = 'btree' OR narrow.key_count = wide.key_count)
            AND narrow.key_count <= wide.key_count
            AND narrow.keys = wide.keys[1:narrow.key_count]
            AND narrow.classes = wide.classes[1:narrow.key_count]
            AND narrow.collations = wide.collations[1:narrow.key_count]
            AND narrow.all_columns <@ wide.all_columns
            AND (
                narrow.expressions = ''
                OR (narrow.expressions = wide.expressions AND narrow.key_count = wide.key_count)
            )
            -- A B-tree is read from either end: all columns the same way, or all the other way round.
            AND (
                narrow.options = wide.options[1:narrow.key_count]
                OR narrow.options = ARRAY(
                    SELECT option # 3::int2 FROM unnest(wide.options[1:narrow.key_count]) WITH ORDINALITY AS o (option, place)
                    ORDER BY place
                )
            )
    WHERE NOT narrow.is_needed
        -- One that enforces uniqueness only goes where the other one enforces the same.
        AND (NOT narrow.indisunique OR (wide.indisunique AND narrow.key_count = wide.key_count))
)

SELECT
    namespace.nspname::text AS schema_name,
    indexed.relname::text AS table_name,
    pairs.relname::text AS index_name,
    pairs.kind,
    pairs.covering_name::text AS covered_by,
    pg_get_indexdef(pairs.indexrelid) AS definition,
    pg_get_indexdef(pairs.covering_oid) AS covering_definition,
    (
        SELECT sum(pg_relation_size(physical.relid)) FROM (
            SELECT tree.relid FROM pg_partition_tree(pairs.indexrelid) AS tree
            UNION
            SELECT pairs.indexrelid
        ) AS physical
    )::bigint AS size_bytes
FROM pairs
INNER JOIN pg_class AS indexed ON pairs.indrelid = indexed.oid
INNER JOIN pg_namespace AS namespace ON indexed.relnamespace = namespace.oid
-- Of two that are the same, the younger one goes.
WHERE NOT EXISTS (
    SELECT FROM pairs AS mirrored
    WHERE mirrored.indexrelid = pairs.covering_oid AND mirrored.covering_oid = pairs.indexrelid
        AND mirrored.indexrelid > pairs.indexrelid
);

COMMENT ON VIEW platform.redundant_indexes IS
'Indexes whose work another index of the same table can do: the same columns (duplicate) or more (prefix).';

CREATE VIEW platform.invalid_indexes AS
SELECT
    namespace.nspname::text AS schema_name,
    indexed.relname::text AS table_name,
    class.relname::text AS index_name,
    class.relname ~ '_cc(new|old)[0-9]*$' AS is_leftover,
    (
        SELECT progress.pid FROM pg_stat_progress_create_index AS progress
        WHERE progress.relid = definition.indrelid AND progress.datname = current_database() LIMIT 1
    ) AS builder_pid,
    pg_relation_size(definition.indexrelid) AS size_bytes
FROM pg_index AS definition
INNER JOIN pg_class AS class ON definition.indexrelid = class.oid
INNER JOIN pg_class AS indexed ON definition.indrelid = indexed.oid
INNER JOIN pg_namespace AS namespace ON class.relnamespace = namespace.oid
WHERE NOT (definition.indisvalid AND definition.indisready AND definition.indislive)
    AND namespace.nspname NOT IN ('pg_catalog', 'information_schema');

COMMENT ON VIEW platform.invalid_indexes IS
'Indexes that no query uses, because a build has not finished: at work, or left by one that failed.';

CREATE VIEW platform.unindexed_foreign_keys AS
SELECT
    namespace.nspname::text AS schema_name,
    referencing.relname::text AS table_name,
    key.conname::text AS constraint_name,
    referenced.oid::regclass::text AS referenced_table,
    (
        SELECT array_agg(attribute.attname::text ORDER BY part.place)
        FROM unnest(key.conkey) WITH ORDINALITY AS part (number, place)
        INNER JOIN pg_attribute AS attribute
            ON attribute.attrelid = key.conrelid AND attribute.attnum = part.number
    ) AS columns,
    key.confdeltype <> 'a' AS acts_on_delete
FROM pg_constraint AS key
INNER JOIN pg_class AS referencing ON key.conrelid = referencing.oid
INNER JOIN pg_namespace AS namespace ON referencing.relnamespace = namespace.oid
INNER JOIN pg_class AS referenced ON key.confrelid = referenced.oid
WHERE key.contype = 'f' AND NOT referencing.relispartition
    -- The copies that a key on a partitioned table gets for its partitions.
    AND key.conparentid = 0
    AND NOT EXISTS (
        SELECT FROM pg_index AS definition
        INNER JOIN pg_class AS class ON definition.indexrelid = class.oid
        INNER JOIN pg_am AS method ON class.relam = method.oid
        WHERE definition.indrelid = key.conrelid AND definition.indisvalid
            AND (method.amname = 'btree' OR (method.amname = 'hash' AND cardinality(key.conkey) = 1))
            AND (definition.indkey::int2 [])[0:cardinality(key.conkey) - 1] @> key.conkey
            AND definition.indnkeyatts >= cardinality(key.conkey)
            -- The server looks for a value, and so not for NULL: an index without the NULLs serves it.
            AND (
                definition.indpred IS NULL
                OR pg_get_expr(definition.indpred, definition.indrelid) IN (
                    SELECT format('(%I IS NOT NULL)', attribute.attname) FROM pg_attribute AS attribute
                    WHERE attribute.attrelid = key.conrelid AND attribute.attnum = ANY (key.conkey)
                )
            )
    );

COMMENT ON VIEW platform.unindexed_foreign_keys IS
'Foreign keys whose columns no index leads with: each delete of a referenced row reads the whole referencing table.';

-- Counters go back to zero with a failover, a crash or a reset: such a pair of weeks tells nothing.
CREATE VIEW platform.index_usage_trend AS
SELECT
    last_week.schema_name,
    last_week.table_name,
    last_week.index_name,
    first_week.measured_on AS measured_from,
    last_week.measured_on AS measured_to,
    round(
        (last_week.idx_scan - first_week.idx_scan) * 7.0 / (last_week.measured_on - first_week.measured_on), 1
    ) AS scans_per_week,
    last_week.size_bytes - first_week.size_bytes AS growth_bytes
FROM platform.index_usage_history AS last_week
INNER JOIN LATERAL (
    SELECT earlier.measured_on, earlier.idx_scan, earlier.size_bytes
    FROM platform.index_usage_history AS earlier
    WHERE earlier.schema_name = last_week.schema_name AND earlier.table_name = last_week.table_name
        AND earlier.index_name = last_week.index_name AND earlier.timeline = last_week.timeline
        AND earlier.measured_on BETWEEN last_week.measured_on - 35 AND last_week.measured_on - 1
    ORDER BY earlier.measured_on LIMIT 1
) AS first_week ON last_week.idx_scan >= first_week.idx_scan
WHERE last_week.measured_on = (SELECT max(measured_on) FROM platform.index_usage_history);

COMMENT ON VIEW platform.index_usage_trend IS
'How often each index was used a week, over the last five weeks that were measured, by the primary alone.';

COMMENT ON COLUMN platform.index_usage.schema_name IS 'Schema.';
COMMENT ON COLUMN platform.index_usage.table_name IS 'Table, or the partitioned table above it.';
COMMENT ON COLUMN platform.index_usage.index_name IS 'Index, or the partitioned index above it.';
COMMENT ON COLUMN platform.index_usage.method IS 'btree, gin, brin, hash or another.';
COMMENT ON COLUMN platform.index_usage.idx_scan IS 'Scans begun on the index, on the server that is asked.';
COMMENT ON COLUMN platform.index_usage.idx_tup_read IS 'Entries returned by scans.';
COMMENT ON COLUMN platform.index_usage.hit_ratio IS 'Share of blocks found in shared buffers, 0 to 1.';
COMMENT ON COLUMN platform.index_usage.physical_indexes IS 'Indexes added up: one per partition.';
COMMENT ON COLUMN platform.index_usage.size_bytes IS 'Size in bytes.';
COMMENT ON COLUMN platform.index_usage.enforces IS 'Whether it enforces a key: needed, however few the scans.';
COMMENT ON COLUMN platform.index_usage.definition IS 'CREATE INDEX statement.';
COMMENT ON COLUMN platform.redundant_indexes.schema_name IS 'Schema.';
COMMENT ON COLUMN platform.redundant_indexes.table_name IS 'Table.';
COMMENT ON COLUMN platform.redundant_indexes.index_name IS 'The index that could go.';
COMMENT ON COLUMN platform.redundant_indexes.kind IS
'duplicate: the same columns. prefix: the first columns of the other one.';
COMMENT ON COLUMN platform.redundant_indexes.covered_by IS 'The index that can do its work.';
COMMENT ON COLUMN platform.redundant_indexes.definition IS 'CREATE INDEX statement of the one that could go.';
COMMENT ON COLUMN platform.redundant_indexes.covering_definition IS 'CREATE INDEX statement of the other one.';
COMMENT ON COLUMN platform.redundant_indexes.size_bytes IS
'Size in bytes of the one that could go, partitions added up.';
COMMENT ON COLUMN platform.invalid_indexes.schema_name IS 'Schema.';
COMMENT ON COLUMN platform.invalid_indexes.table_name IS 'Table or partition.';
COMMENT ON COLUMN platform.invalid_indexes.index_name IS 'Index.';
COMMENT ON COLUMN platform.invalid_indexes.is_leftover IS
'Whether REINDEX CONCURRENTLY made it: the weekly upkeep drops those.';
COMMENT ON COLUMN platform.invalid_indexes.builder_pid IS
'Process that builds an index of this table now; NULL for none.';
COMMENT ON COLUMN platform.invalid_indexes.size_bytes IS 'Size in bytes.';
COMMENT ON COLUMN platform.unindexed_foreign_keys.schema_name IS 'Schema.';
COMMENT ON COLUMN platform.unindexed_foreign_keys.table_name IS 'Referencing table.';
COMMENT ON COLUMN platform.unindexed_foreign_keys.constraint_name IS 'Name of the foreign key.';
COMMENT ON COLUMN platform.unindexed_foreign_keys.referenced_table IS 'Referenced table.';
COMMENT ON COLUMN platform.unindexed_foreign_keys.columns IS 'Columns of the key, which an index should begin with.';
COMMENT ON COLUMN platform.unindexed_foreign_keys.acts_on_delete IS
'Whether a delete also deletes or changes referencing rows.';
COMMENT ON COLUMN platform.index_usage_trend.schema_name IS 'Schema.';
COMMENT ON COLUMN platform.index_usage_trend.table_name IS 'Table, or the partitioned table above it.';
COMMENT ON COLUMN platform.index_usage_trend.index_name IS 'Index, or the partitioned index above it.';
COMMENT ON COLUMN platform.index_usage_trend.measured_from IS 'First measurement that is compared.';
COMMENT ON COLUMN platform.index_usage_trend.measured_to IS 'Last measurement.';
COMMENT ON COLUMN platform.index_usage_trend.scans_per_week IS 'Scans between the two, for a week.';
COMMENT ON COLUMN platform.index_usage_trend.growth_bytes IS 'Growth between the two.';

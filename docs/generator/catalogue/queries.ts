// Read from pg_catalog: the information schema knows neither partitions nor indexes, and hides what the reader does not own.
// Partitions are left out: their parents say it all.

const RELATIONS_OF_SCHEMA = `
  SELECT c.oid FROM pg_class AS c
  WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition`;

/** Tables and views of the schema `$1`, as all below. */
export const RELATIONS = `
  SELECT c.oid::int AS id, c.relname AS name, c.relkind AS kind, obj_description(c.oid, 'pg_class') AS comment,
         c.relrowsecurity AS row_level_security, pg_get_partkeydef(c.oid) AS partition_key,
         (SELECT array_agg(a.attname::text ORDER BY key.place)
          FROM pg_partitioned_table AS p, unnest(p.partattrs::int2[]) WITH ORDINALITY AS key (number, place)
          JOIN pg_attribute AS a ON a.attnum = key.number
          WHERE p.partrelid = c.oid AND a.attrelid = c.oid) AS partition_columns
  FROM pg_class AS c WHERE c.oid IN (${RELATIONS_OF_SCHEMA}) ORDER BY c.relname`;

/** Their columns, in order. */
export const COLUMNS = `
  SELECT a.attrelid::int AS relation, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
         a.attnotnull AS not_null, pg_get_expr(d.adbin, d.adrelid, true) AS expression, a.attgenerated <> '' AS generated,
         a.attidentity <> '' AS identity,
         col_description(a.attrelid, a.attnum) AS comment
  FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid IN (${RELATIONS_OF_SCHEMA}) AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attrelid, a.attnum`;

/** Their keys, checks and foreign keys; keys first. */
export const CONSTRAINTS = `
  SELECT k.conrelid::int AS relation, k.conname AS name, k.contype AS kind, pg_get_constraintdef(k.oid, true) AS definition,
         k.confdeltype AS on_delete,
         (SELECT format('%s.%s', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE c.oid = k.confrelid) AS reference,
         (SELECT array_agg(a.attname::text ORDER BY key.place)
          FROM unnest(k.conkey) WITH ORDINALITY AS key (number, place)
          JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = key.number) AS columns,
         (SELECT array_agg(a.attname::text ORDER BY key.place)
          FROM unnest(k.confkey) WITH ORDINALITY AS key (number, place)
          JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = key.number) AS referenced_columns
  FROM pg_constraint AS k
  -- A foreign key to a partitioned table has shadows, one per partition.
  WHERE k.conrelid IN (${RELATIONS_OF_SCHEMA}) AND k.conparentid = 0 AND k.contype IN ('p', 'u', 'x', 'c', 'f')
  ORDER BY k.conrelid, array_position('{p,u,x,f,c}'::text[], k.contype::text), k.conname`;

/** Their indexes, by name. */
export const INDEXES = `
  SELECT i.indrelid::int AS relation, c.relname AS name, pg_get_indexdef(i.indexrelid, 0, true) AS definition,
         obj_description(i.indexrelid, 'pg_class') AS comment,
         (SELECT array_agg(a.attname::text ORDER BY key.place)
          FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS key (number, place)
          JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = key.number
          WHERE key.place <= i.indnkeyatts) AS columns,
         i.indisunique AS unique, i.indisvalid AS valid,
         EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
           AS of_constraint
  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
  WHERE i.indrelid IN (${RELATIONS_OF_SCHEMA}) ORDER BY i.indrelid, c.relname`;

/** How those are kept that are partitioned by month. */
export const POLICIES = `
  SELECT table_name, retention_months, list_column, list_values FROM platform.partition_policies
  WHERE schema_name = $1`;

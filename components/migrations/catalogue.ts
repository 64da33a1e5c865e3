import pg from "pg";

/** A table, partition or materialized view as the catalogue knows it. */
export interface Relation {
  oid: string;
  /** `r` table, `p` partitioned table, `m` materialized view, `f` foreign table. */
  kind: string;
  schema: string;
  name: string;
}

/** A partition at any depth; one of kind `p` has partitions of its own. */
export interface Partition extends Relation {
  /** The oid of the table of which this is a partition. */
  parent: string;
}

/** What bears the name of an index; also something else, which is then in its way. */
export interface FoundIndex {
  oid: string;
  schema: string;
  name: string;
  /** The oid of its table; null for a relation that is no index. */
  table: string | null;
  valid: boolean;
  /** The process that is building it right now, other than this session's. */
  builder: number | null;
}

/** A relation's name as SQL text. */
export function qualified({ schema, name }: { schema: string; name: string }): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

/** The table of a name as SQL text, by the session's search path. */
export async function findTable(client: pg.Client, name: string): Promise<Relation | undefined> {
  const { rows } = await client.query<Relation>(
    `SELECT c.oid::text, c.relkind::text AS kind, n.nspname AS schema, c.relname AS name
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = pg_catalog.to_regclass($1)`,
    [name],
  );
  return rows[0];
}

/** The partitioned table of an index by its name as SQL text; `undefined` for what is no index of such a table. */
export async function findPartitionedTable(client: pg.Client, index: string): Promise<Relation | undefined> {
  const { rows } = await client.query<Relation>(
    `SELECT c.oid::text, c.relkind::text AS kind, n.nspname AS schema, c.relname AS name
     FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE x.indexrelid = pg_catalog.to_regclass($1) AND c.relkind = 'p'`,
    [index],
  );
  return rows[0];
}

/** A table, and whatever bears the name of an index that is to be on it: one round trip. */
export async function findTableAndIndex(
  client: pg.Client,
  tableName: string,
  indexName: string,
): Promise<{ table: Relation | undefined; index: FoundIndex | undefined }> {
  const [table, index] = await Promise.all([
    findTable(client, tableName),
    client.query<FoundIndex>(
      `${INDEX} WHERE c.relname = $2 AND c.relnamespace =
         (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1))`,
      [tableName, indexName],
    ),
  ]);
  return { table, index: index.rows[0] };
}

/**
 * All partitions below a table that can carry an index, parents before their children. (Not by
 * `pg_partition_tree`, which waits for whoever has locked a partition.)
 */
export async function findPartitions(client: pg.Client, table: Relation): Promise<Partition[]> {
  const { rows } = await client.query<Partition>(
    `WITH RECURSIVE tree (oid, parent, level) AS (
       SELECT inhrelid, inhparent, 1 FROM pg_catalog.pg_inherits
       WHERE inhparent = $1::oid AND NOT inhdetachpending
       UNION ALL
       SELECT i.inhrelid, i.inhparent, tree.level + 1 FROM pg_catalog.pg_inherits i
       JOIN tree ON tree.oid = i.inhparent WHERE NOT i.inhdetachpending
     )
     SELECT c.oid::text, c.relkind::text AS kind, n.nspname AS schema, c.relname AS name,
            tree.parent::text AS parent
     FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p')
     ORDER BY tree.level, n.nspname, c.relname`,
    [table.oid],
  );
  return rows;
}

const INDEX = `
  SELECT c.oid::text, n.nspname AS schema, c.relname AS name, x.indrelid::text AS table,
         coalesce(x.indisvalid, false) AS valid,
         (SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index p
          WHERE p.index_relid = c.oid AND p.datname = current_database() AND p.pid <> pg_backend_pid() LIMIT 1
         ) AS builder
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid`;

/** Whatever bears this name, be it an index or not: names of indexes and tables exclude each other. */
export async function findIndex(
  client: pg.Client,
  schema: string,
  name: string,
): Promise<FoundIndex | undefined> {
  const { rows } = await client.query<FoundIndex>(`${INDEX} WHERE n.nspname = $1 AND c.relname = $2`, [
    schema,
    name,
  ]);
  return rows[0];
}

/** The index of a partition that is attached to an index of its parent. */
export async function findAttached(
  client: pg.Client,
  parentIndex: FoundIndex,
  partition: Partition,
): Promise<FoundIndex | undefined> {
  const { rows } = await client.query<FoundIndex>(
    `${INDEX} JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid WHERE i.inhparent = $1::oid AND x.indrelid = $2::oid`,
    [parentIndex.oid, partition.oid],
  );
  return rows[0];
}

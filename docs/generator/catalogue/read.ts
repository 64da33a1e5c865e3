import type pg from "pg";
import type { Column, Constraint, ForeignKey, Index, Partitioning, Relation, Schema } from "./model.ts";
import { COLUMNS, CONSTRAINTS, INDEXES, POLICIES, RELATIONS } from "./queries.ts";

interface RelationRow {
  id: number;
  name: string;
  kind: keyof typeof RELATION_KINDS;
  comment: string | null;
  row_level_security: boolean;
  partition_key: string | null;
  partition_columns: string[] | null;
}
interface ColumnRow {
  relation: number;
  name: string;
  type: string;
  not_null: boolean;
  expression: string | null;
  generated: boolean;
  identity: boolean;
  comment: string | null;
}
interface ConstraintRow {
  relation: number;
  name: string;
  kind: keyof typeof CONSTRAINT_KINDS | "f";
  definition: string;
  on_delete: string;
  reference: string | null;
  columns: string[] | null;
  referenced_columns: string[] | null;
}
interface IndexRow {
  relation: number;
  name: string;
  definition: string;
  columns: string[] | null;
  comment: string | null;
  unique: boolean;
  valid: boolean;
  of_constraint: boolean;
}
interface PolicyRow {
  table_name: string;
  retention_months: number | null;
  list_column: string | null;
  list_values: string[] | null;
}

const RELATION_KINDS = { r: "table", p: "table", v: "view", m: "materialized view" } as const;
const CONSTRAINT_KINDS = { p: "primary key", u: "unique", c: "check", x: "exclusion" } as const;
const ON_DELETE: Record<string, ForeignKey["onDelete"]> = {
  a: "no action",
  r: "restrict",
  c: "cascade",
  n: "set null",
  d: "set default",
};

/**
 * Reads the tables and views of a schema.
 * @throws where an index is invalid, or a partitioned table has no policy: the page would show what is not so
 */
export async function readSchema(client: pg.Client, name: string): Promise<Schema> {
  // Names outside pg_catalog are printed with their schema.
  await client.query("SET search_path = pg_catalog");
  const read = async <T extends pg.QueryResultRow>(query: string) =>
    (await client.query<T>(query, [name])).rows;
  const relations = await read<RelationRow>(RELATIONS);
  const columns = byRelation(await read<ColumnRow>(COLUMNS));
  const constraints = byRelation(await read<ConstraintRow>(CONSTRAINTS));
  const indexes = byRelation(await read<IndexRow>(INDEXES));
  const policies = await read<PolicyRow>(POLICIES);
  return {
    name,
    relations: relations.map((row): Relation => {
      const own = constraints.get(row.id) ?? [];
      return {
        name: row.name,
        kind: RELATION_KINDS[row.kind],
        comment: row.comment ?? undefined,
        columns: (columns.get(row.id) ?? []).map(column),
        constraints: own.filter((one) => one.kind !== "f").map(constraint),
        foreignKeys: own.filter((one) => one.kind === "f").map(foreignKey),
        indexes: (indexes.get(row.id) ?? []).map((one) => index(name, one)),
        partitioning: row.partition_key === null ? undefined : partitioning(name, row, policies),
        rowLevelSecurity: row.row_level_security,
      };
    }),
  };
}

function byRelation<T extends { relation: number }>(rows: readonly T[]): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const row of rows) groups.set(row.relation, [...(groups.get(row.relation) ?? []), row]);
  return groups;
}

function column(row: ColumnRow): Column {
  return {
    name: row.name,
    type: row.type,
    notNull: row.not_null,
    expression: row.expression ?? undefined,
    generated: row.generated,
    identity: row.identity,
    comment: row.comment ?? undefined,
  };
}

function constraint(row: ConstraintRow): Constraint {
  const kind = CONSTRAINT_KINDS[row.kind as keyof typeof CONSTRAINT_KINDS];
  return { name: row.name, kind, columns: row.columns ?? [], definition: row.definition };
}

function foreignKey(row: ConstraintRow): ForeignKey {
  return {
    name: row.name,
    columns: row.columns ?? [],
    references: row.reference ?? "",
    referencedColumns: row.referenced_columns ?? [],
    onDelete: ON_DELETE[row.on_delete] ?? "no action",
  };
}

function index(schema: string, row: IndexRow): Index {
  if (!row.valid) throw new Error(`The index ${schema}.${row.name} is not valid: its build has failed.`);
  return {
    name: row.name,
    definition: row.definition.replace(/^.*? USING /s, ""),
    columns: row.columns ?? [],
    comment: row.comment ?? undefined,
    unique: row.unique,
    ofConstraint: row.of_constraint,
  };
}

function partitioning(schema: string, row: RelationRow, policies: readonly PolicyRow[]): Partitioning {
  const policy = policies.find((one) => one.table_name === row.name);
  if (!policy) throw new Error(`${schema}.${row.name} is partitioned, and no policy says how it is kept.`);
  return {
    key: row.partition_key ?? "",
    columns: [...(row.partition_columns ?? []), ...(policy.list_column ? [policy.list_column] : [])],
    retentionMonths: policy.retention_months ?? undefined,
    listColumn: policy.list_column ?? undefined,
    listValues: policy.list_values ?? undefined,
  };
}

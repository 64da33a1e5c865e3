/** What the page shows of a database, as the server's own catalogue has it. */

export interface Column {
  name: string;
  type: string;
  notNull: boolean;
  /** Expression of the default, or of a generated column. */
  expression?: string;
  generated: boolean;
  /** Whether the server counts it up. */
  identity: boolean;
  comment?: string;
}

/** A foreign key of a table, not those that its partitions inherit. */
export interface ForeignKey {
  name: string;
  columns: string[];
  /** With its schema. */
  references: string;
  referencedColumns: string[];
  onDelete: "no action" | "restrict" | "cascade" | "set null" | "set default";
}

/** Keys, checks and exclusions; foreign keys stand apart. */
export interface Constraint {
  name: string;
  kind: "primary key" | "unique" | "check" | "exclusion";
  columns: string[];
  definition: string;
}

/** An index; of a partitioned table, the one at the top. */
export interface Index {
  name: string;
  /** From the method on: `btree (status, created_at DESC) WHERE …`. */
  definition: string;
  /** Columns of its key, in order; an expression is none. */
  columns: string[];
  comment?: string;
  unique: boolean;
  /** Whether it belongs to a key or an exclusion. */
  ofConstraint: boolean;
}

/** How a table that is partitioned by month is kept: a row of `platform.partition_policies`. */
export interface Partitioning {
  /** `RANGE (created_at)`. */
  key: string;
  /** Columns of the key, and the one of sub-partitions. */
  columns: string[];
  /** Full months before the current one; undefined keeps all. */
  retentionMonths?: number;
  listColumn?: string;
  listValues?: string[];
}

/** A table or view; partitions are none. */
export interface Relation {
  name: string;
  kind: "table" | "view" | "materialized view";
  comment?: string;
  columns: Column[];
  constraints: Constraint[];
  foreignKeys: ForeignKey[];
  indexes: Index[];
  partitioning?: Partitioning;
  rowLevelSecurity: boolean;
}

/** A schema with its relations, by name. */
export interface Schema {
  name: string;
  relations: Relation[];
}

import type {
  AlterTableCmd,
  AlterTableStmt,
  DropStmt,
  RangeVar,
  ReindexStmt,
  RenameStmt,
  VacuumStmt,
} from "libpg-query";
import { nodesOf } from "../../lib/sqlParser.ts";
import type { Statement } from "../../lib/sqlParser.ts";

/** A name as messages show it and SQL takes it: quoted only where it must be. */
export function sqlName(...parts: (string | undefined)[]): string {
  return parts
    .filter((part) => part !== undefined)
    .map((part) => (/^[a-z_][a-z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`))
    .join(".");
}

export function tableName({ catalogname, schemaname, relname }: RangeVar): string {
  return sqlName(catalogname, schemaname, relname);
}

/** The names of tables in a list or tree. */
export function tablesIn(tree: unknown): string[] {
  return nodesOf(tree, "RangeVar").map(tableName);
}

/** The parts of an ALTER TABLE. */
export function commandsOf({ cmds }: AlterTableStmt): AlterTableCmd[] {
  return nodesOf(cmds, "AlterTableCmd");
}

/** What a DROP names, each by its parts. */
function droppedNames({ objects }: DropStmt): string[][] {
  return (objects ?? []).map((object) => nodesOf(object, "String").map(({ sval = "" }) => sval));
}

/** The tables that a statement drops. */
export function droppedTables({ tree }: Statement): string[] {
  return nodesOf(tree, "DropStmt")
    .filter(({ removeType }) => isTable(removeType))
    .flatMap((drop) => droppedNames(drop).map((parts) => sqlName(...parts)));
}

/** The indexes that a statement drops. */
export function droppedIndexes({ tree }: Statement): string[] {
  return nodesOf(tree, "DropStmt")
    .filter(({ removeType }) => removeType === "OBJECT_INDEX")
    .flatMap((drop) => droppedNames(drop).map((parts) => sqlName(...parts)));
}

const isTable = (type: string | undefined): boolean => type === "OBJECT_TABLE" || type === "OBJECT_MATVIEW";

/** The tables, materialized views and indexes that a statement makes. */
export function createdBy({ tree }: Statement): string[] {
  const relations = [
    ...nodesOf(tree, "CreateStmt").map(({ relation }) => relation),
    ...nodesOf(tree, "CreateTableAsStmt").map(({ into }) => into?.rel),
    ...nodesOf(tree, "SelectStmt").map(({ intoClause }) => intoClause?.rel),
    ...nodesOf(tree, "IndexStmt").map(({ relation, idxname }) => ({ ...relation, relname: idxname })),
  ];
  return relations.flatMap((relation) => (relation?.relname ? [tableName(relation)] : []));
}

/**
 * The tables from which statements lock out writers, be it for a moment, as previews name them. Tables that they
 * themselves create are left out: nobody writes to them yet. What a DO block or a function does is not seen.
 *
 * Which command takes which lock: PostgreSQL 15 manual, section 13.3.1 and the page of each command.
 */
export function lockedTables(statements: readonly Statement[]): string[] {
  const created = new Set<string>();
  const locked = new Set<string>();
  for (const statement of statements) {
    for (const name of createdBy(statement)) created.add(name);
    for (const name of [...tablesLockedBy(statement), ...droppedTables(statement)]) {
      if (!created.has(name)) locked.add(name);
    }
    // Of an index, the statement does not say which table it is on.
    for (const name of indexesLockedBy(statement)) {
      if (!created.has(name)) locked.add(`the table of index ${name}`);
    }
  }
  return [...locked].sort();
}

/** The mode SHARE: it and all above it conflict with what a write takes. */
const SHARE_MODE = 5;

function tablesLockedBy({ tree }: Statement): string[] {
  const alters = nodesOf(tree, "AlterTableStmt").filter(
    (alter) => isTable(alter.objtype) && !commandsOf(alter).every(letsWritersGoOn),
  );
  const creates = nodesOf(tree, "CreateStmt");
  const drops = nodesOf(tree, "DropStmt").filter(({ removeType }) => ON_A_TABLE.has(removeType ?? ""));
  const relations: (RangeVar | undefined)[] = [
    ...alters.map(({ relation }) => relation),
    // Tables at the other end of foreign keys.
    ...nodesOf([alters, creates], "Constraint").map(({ pktable }) => pktable),
    ...nodesOf(tree, "RenameStmt")
      .filter(renamesOfTable)
      .map(({ relation }) => relation),
    ...nodesOf(tree, "AlterObjectSchemaStmt")
      .filter(({ objectType }) => isTable(objectType))
      .map(({ relation }) => relation),
    ...nodesOf(tree, "IndexStmt")
      .filter(({ concurrent }) => !concurrent)
      .map(({ relation }) => relation),
    ...nodesOf(tree, "CreateTrigStmt").flatMap(({ relation, constrrel }) => [relation, constrrel]),
    ...[...nodesOf(tree, "CreatePolicyStmt"), ...nodesOf(tree, "AlterPolicyStmt")].map(({ table }) => table),
    ...nodesOf(tree, "RuleStmt").map(({ relation }) => relation),
    ...nodesOf(tree, "RefreshMatViewStmt")
      .filter(({ concurrent }) => !concurrent)
      .map(({ relation }) => relation),
    ...nodesOf(tree, "ReindexStmt")
      .filter((reindex) => !isConcurrent(reindex) && reindex.kind === "REINDEX_OBJECT_TABLE")
      .map(({ relation }) => relation),
    ...nodesOf(tree, "ClusterStmt").map(({ relation }) => relation),
    ...nodesOf(nodesOf(tree, "VacuumStmt").filter(isFull), "VacuumRelation").map(({ relation }) => relation),
  ];
  return [
    ...relations.flatMap((relation) => (relation ? [tableName(relation)] : [])),
    ...drops.flatMap((drop) => droppedNames(drop).map((parts) => sqlName(...parts.slice(0, -1)))),
    ...tablesIn(nodesOf(tree, "TruncateStmt")),
    ...tablesIn(nodesOf(tree, "LockStmt").filter(({ mode = 0 }) => mode >= SHARE_MODE)),
    ...creates.filter(({ partbound }) => partbound).flatMap(({ inhRelations }) => tablesIn(inhRelations)),
  ];
}

const ON_A_TABLE = new Set(["OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"]);

const renamesOfTable = ({ renameType = "OBJECT_TYPE", relationType }: RenameStmt): boolean =>
  isTable(renameType) || isTable(relationType) || renameType === "OBJECT_TABCONSTRAINT";

function indexesLockedBy(statement: Statement): string[] {
  const { tree } = statement;
  const rebuilt = nodesOf(tree, "ReindexStmt").filter(
    (reindex) => !isConcurrent(reindex) && reindex.kind === "REINDEX_OBJECT_INDEX",
  );
  return [
    ...(buildsOrDropsConcurrently(tree) ? [] : droppedIndexes(statement)),
    ...rebuilt.flatMap(({ relation }) => (relation ? [tableName(relation)] : [])),
  ];
}

/** What takes no more than SHARE UPDATE EXCLUSIVE on the table that is altered. */
const HARMLESS: ReadonlySet<string> = new Set([
  "AT_SetRelOptions",
  "AT_ResetRelOptions",
  "AT_ValidateConstraint",
  "AT_SetStatistics",
  "AT_SetOptions",
  "AT_ResetOptions",
  "AT_AttachPartition",
]);

const letsWritersGoOn = ({ subtype }: AlterTableCmd): boolean => HARMLESS.has(subtype!);

/** Whether a VACUUM writes its tables again. */
export function isFull({ options }: VacuumStmt): boolean {
  return nodesOf(options, "DefElem").some(({ defname }) => defname === "full");
}

/** Only where it is written without a value, which might be `false`. */
function isConcurrent({ params }: ReindexStmt): boolean {
  return nodesOf(params, "DefElem").some(({ defname, arg }) => defname === "concurrently" && !arg);
}

/**
 * Whether no writer ever queues behind this statement, however long it waits for other transactions. (DETACH
 * PARTITION CONCURRENTLY is none of them: at its end it locks the partition.)
 */
export function letsWritersPass({ tree }: Statement): boolean {
  if ("ReindexStmt" in tree) return isConcurrent(tree.ReindexStmt);
  return (
    buildsOrDropsConcurrently(tree) || ("RefreshMatViewStmt" in tree && !!tree.RefreshMatViewStmt.concurrent)
  );
}

function buildsOrDropsConcurrently(tree: Statement["tree"]): boolean {
  return (
    ("IndexStmt" in tree && !!tree.IndexStmt.concurrent) || ("DropStmt" in tree && !!tree.DropStmt.concurrent)
  );
}

const OUTSIDE_TRANSACTIONS = [
  "AlterSystemStmt",
  "CreatedbStmt",
  "DropdbStmt",
  "CreateTableSpaceStmt",
  "DropTableSpaceStmt",
  "CreateSubscriptionStmt",
  "DropSubscriptionStmt",
];

/** Whether the server refuses this statement in a transaction. */
export function refusesTransaction({ tree }: Statement): boolean {
  if ("ReindexStmt" in tree) {
    const { kind = "REINDEX_OBJECT_SYSTEM" } = tree.ReindexStmt;
    return isConcurrent(tree.ReindexStmt) || !["REINDEX_OBJECT_TABLE", "REINDEX_OBJECT_INDEX"].includes(kind);
  }
  return (
    buildsOrDropsConcurrently(tree) ||
    ("VacuumStmt" in tree && !!tree.VacuumStmt.is_vacuumcmd) ||
    ("ClusterStmt" in tree && !tree.ClusterStmt.relation) ||
    ("AlterTableStmt" in tree && nodesOf(tree, "PartitionCmd").some(({ concurrent }) => concurrent)) ||
    OUTSIDE_TRANSACTIONS.some((kind) => kind in tree)
  );
}

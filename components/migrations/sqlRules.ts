import type { AlterTableCmd, MergeStmt, Node, PartitionBoundSpec, RangeVar } from "libpg-query";
import { nodesOf } from "../../lib/sqlParser.ts";
import type { Statement } from "../../lib/sqlParser.ts";
import type { SchemaHistory } from "./schemaHistory.ts";
import type { SqlFile } from "./sqlFile.ts";
import { isFull, sqlName, tableName, tablesIn } from "./statementLocks.ts";

/** A statement with what came before it. */
export interface RuleContext {
  file: SqlFile;
  tree: Statement["tree"];
  /** What it does to a table in use, if it is an ALTER TABLE. */
  alter: { table: string; commands: AlterTableCmd[] } | undefined;
  /** Whether a table was made by this file: nobody else sees it yet. */
  isNew: (table: string) => boolean;
  history: SchemaHistory;
  /** A table in use that this transaction has locked already. */
  locked: () => string | undefined;
}

/** What is wrong with a statement, and what to do instead; undefined when nothing is. */
export type Rule = (context: RuleContext) => string | undefined;

const readsAll = (table: string): string => `reads all of ${table} while nobody may use it`;
const EACH = "each in a file of its own";

/**
 * What squawk does not see, since it looks at one file at a time: short cuts that make the writers of a table
 * wait while it is read or written as a whole. What a DO block or a function does is not seen.
 */
export const SQL_RULES = {
  "set-not-null-without-check": ({ file, alter, history }) => {
    for (const { subtype, name } of alter?.commands ?? []) {
      if (subtype !== "AT_SetNotNull" || history.provesNotNull(alter!.table, name!, file)) continue;
      const check = `CHECK (${sqlName(name)} IS NOT NULL) NOT VALID`;
      return `${readsAll(alter!.table)}: first a ${check}, then VALIDATE it, ${EACH}`;
    }
    return undefined;
  },

  "attach-without-check": ({ file, tree, isNew, history }) => {
    for (const { name, bound } of nodesOf(tree, "PartitionCmd")) {
      const partition = tableName(name!);
      // Without bounds, it is an index's or a DETACH.
      if (!bound || isNew(partition) || isProven(partition, bound, history, file)) continue;
      const check = "CHECK NOT VALID with the literals of the bounds";
      return `${readsAll(partition)}: first a ${check}, then VALIDATE it, ${EACH}`;
    }
    return undefined;
  },

  "partition-of": ({ tree, isNew }) => {
    const creates = nodesOf(tree, "CreateStmt").filter(({ partbound }) => partbound);
    const [parent] = creates
      .flatMap(({ inhRelations }) => tablesIn(inhRelations))
      .filter((table) => !isNew(table));
    if (parent === undefined) return undefined;
    return `locks everybody out of ${parent}: make the table LIKE it and ATTACH, as platform.create_month() does`;
  },

  "add-column-with-check": ({ alter }) => {
    const columns = alter?.commands.filter(({ subtype }) => subtype === "AT_AddColumn");
    return nodesOf(columns, "Constraint").some(({ contype }) => contype === "CONSTR_CHECK")
      ? `${readsAll(alter!.table)}: first the column, then the CHECK NOT VALID, then VALIDATE it, ${EACH}`
      : undefined;
  },

  "whole-table-change": ({ tree, isNew }) => {
    const changes: { relation?: RangeVar; condition?: Node }[] = [
      ...[...nodesOf(tree, "UpdateStmt"), ...nodesOf(tree, "DeleteStmt")].map(
        ({ relation, whereClause }) => ({
          relation,
          condition: whereClause,
        }),
      ),
      ...nodesOf(tree, "MergeStmt")
        .filter(changesMatched)
        .map(({ relation, joinCondition }) => ({ relation, condition: joinCondition })),
    ];
    const whole = changes.filter(({ condition }) => !looksAtRows(condition));
    const table = whole.map(({ relation }) => tableName(relation!)).find((name) => !isNew(name));
    const steps = "change them in steps, each with its COMMIT, in the DO block of a concurrent file";
    return table && `holds every row of ${table} until it is through: ${steps}`;
  },

  "locks-for-long": ({ tree, alter, isNew }) => {
    const refreshes = nodesOf(tree, "RefreshMatViewStmt").filter(({ concurrent }) => !concurrent);
    const named = [
      ...tablesIn([nodesOf(tree, "TruncateStmt"), nodesOf(tree, "LockStmt")]),
      ...refreshes.map(({ relation }) => tableName(relation!)),
    ].filter((table) => !isNew(table));
    if (named.length > 0) {
      return `locks everybody out of ${named.join(" and ")}: refresh CONCURRENTLY, drop partitions, delete in steps`;
    }
    const rewrites =
      "ClusterStmt" in tree ||
      nodesOf(tree, "VacuumStmt").some(isFull) ||
      alter?.commands.some(({ subtype }) => REWRITES.has(subtype!));
    return rewrites ? "writes a whole table anew while nobody may use it" : undefined;
  },

  "lock-then-work": ({ file, tree, locked }) => {
    const table = file.concurrent || !worksForLong(tree) ? undefined : locked();
    return (
      table &&
      `${table} stays locked, by a statement above or this one, until this is through: give it a file of its own`
    );
  },
} as const satisfies Record<string, Rule>;

/** A rule's name, as an exception (`-- lint-ignore <rule> <reason>`) writes it. */
export type RuleName = keyof typeof SQL_RULES;

function isProven(table: string, bound: PartitionBoundSpec, history: SchemaHistory, file: SqlFile): boolean {
  return !bound.is_default && history.provesBounds(table, bound, file);
}

/** Whether a condition depends on the row: `true` and `1 = 1` do not. */
function looksAtRows(condition: Node | undefined): boolean {
  return nodesOf(condition, "ColumnRef").length > 0 || nodesOf(condition, "CurrentOfExpr").length > 0;
}

/** Whether a MERGE updates or deletes rows. */
function changesMatched({ mergeWhenClauses }: MergeStmt): boolean {
  return nodesOf(mergeWhenClauses, "MergeWhenClause").some(
    ({ commandType }) => commandType === "CMD_UPDATE" || commandType === "CMD_DELETE",
  );
}

const REWRITES: ReadonlySet<string> = new Set([
  "AT_SetLogged",
  "AT_SetUnLogged",
  "AT_SetTableSpace",
  "AT_SetAccessMethod",
]);

const WORK = ["UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt", "CreateTableAsStmt"] as const;

/** Whether a statement may read or write many rows. An INSERT of listed VALUES does not. */
function worksForLong(tree: Node): boolean {
  return (
    WORK.some((kind) => nodesOf(tree, kind).length > 0) ||
    nodesOf(tree, "RefreshMatViewStmt").some(({ concurrent }) => concurrent) ||
    nodesOf(tree, "SelectStmt").some(({ intoClause }) => intoClause) ||
    nodesOf(tree, "InsertStmt").some(({ selectStmt }) => selectStmt && !isListed(selectStmt)) ||
    nodesOf(tree, "AlterTableCmd").some(({ subtype }) => subtype === "AT_ValidateConstraint")
  );
}

const isListed = (select: Node): boolean =>
  "SelectStmt" in select && select.SelectStmt.valuesLists !== undefined;

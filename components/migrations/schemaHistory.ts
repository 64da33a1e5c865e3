import type { Node, PartitionBoundSpec } from "libpg-query";
import { nodesOf } from "../../lib/sqlParser.ts";
import type { Statement } from "../../lib/sqlParser.ts";
import type { SqlFile } from "./sqlFile.ts";
import { commandsOf, droppedTables, tableName } from "./statementLocks.ts";

/** A check of a table, as far as the files tell. */
interface Check {
  expression: Node | undefined;
  /** The file in which it became valid; none yet while it is NOT VALID. */
  validIn: SqlFile | undefined;
}

/** What the files up to a statement say of a schema's checks. */
export class SchemaHistory {
  readonly #checks = new Map<string, Map<string, Check>>();

  /** Takes in a statement: checks that it adds, validates or drops. */
  note(file: SqlFile, statement: Statement): void {
    for (const table of droppedTables(statement)) this.#checks.delete(table);
    for (const { relation, tableElts, constraints } of nodesOf(statement.tree, "CreateStmt")) {
      this.#add(tableName(relation!), [tableElts, constraints], file);
    }
    for (const alter of nodesOf(statement.tree, "AlterTableStmt")) {
      const table = tableName(alter.relation!);
      this.#add(table, alter.cmds, file);
      for (const { subtype, name = "" } of commandsOf(alter)) {
        const check = this.#checks.get(table)?.get(name);
        if (subtype === "AT_DropConstraint") this.#checks.get(table)?.delete(name);
        else if (subtype === "AT_ValidateConstraint" && check) check.validIn = file;
      }
    }
  }

  /** Whether a check that was validated before proves that a column holds no null. */
  provesNotNull(table: string, column: string, file: SqlFile): boolean {
    return this.#valid(table, file).some(({ expression }) =>
      conditions(expression).some(
        (condition) =>
          "NullTest" in condition &&
          condition.NullTest.nulltesttype === "IS_NOT_NULL" &&
          isColumn(condition.NullTest.arg, column),
      ),
    );
  }

  /** Whether a check that was validated before has all literals of the bounds. (That it implies them is not judged.) */
  provesBounds(table: string, bounds: PartitionBoundSpec, file: SqlFile): boolean {
    const wanted = literalsIn(bounds);
    return this.#valid(table, file).some(({ expression }) => {
      const literals = new Set(literalsIn(expression));
      return wanted.every((literal) => literals.has(literal));
    });
  }

  /** Named checks only: of the others, it cannot be seen when they are dropped. */
  #add(table: string, tree: unknown, file: SqlFile): void {
    const checks = this.#checks.get(table) ?? new Map<string, Check>();
    this.#checks.set(table, checks);
    for (const { contype, conname, raw_expr, skip_validation } of nodesOf(tree, "Constraint")) {
      if (contype !== "CONSTR_CHECK" || conname === undefined) continue;
      checks.set(conname, { expression: raw_expr, validIn: skip_validation ? undefined : file });
    }
  }

  /** In one transaction with its VALIDATE, a check proves nothing: the table would be read under the lock. */
  #valid(table: string, file: SqlFile): Check[] {
    return [...(this.#checks.get(table)?.values() ?? [])].filter(
      ({ validIn }) => validIn !== undefined && (validIn !== file || file.concurrent),
    );
  }
}

/** The conditions that must each hold for an expression to hold. */
function conditions(expression: Node | undefined): Node[] {
  if (!expression) return [];
  if (!("BoolExpr" in expression) || expression.BoolExpr.boolop !== "AND_EXPR") return [expression];
  return (expression.BoolExpr.args ?? []).flatMap(conditions);
}

/** Whether an expression is a column, alone or with its table before it. */
function isColumn(expression: Node | undefined, column: string): boolean {
  const fields = expression && "ColumnRef" in expression ? expression.ColumnRef.fields : undefined;
  return nodesOf(fields, "String").at(-1)?.sval === column;
}

function literalsIn(tree: unknown): string[] {
  return nodesOf(tree, "A_Const").map(({ location: _, ...value }) => JSON.stringify(value));
}

import type { Statement } from "../../lib/sqlParser.ts";
import { positionOf } from "../../lib/text/sourcePosition.ts";
import { SchemaHistory } from "./schemaHistory.ts";
import type { SqlFile } from "./sqlFile.ts";
import { SQL_RULES } from "./sqlRules.ts";
import type { Rule, RuleContext, RuleName } from "./sqlRules.ts";
import { commandsOf, createdBy, lockedTables, tableName } from "./statementLocks.ts";

/** A statement that breaks a rule. Line and column count from 1. */
export interface RuleFault {
  file: string;
  line: number;
  column: number;
  /** Also `exception`, for one that names no rule, gives no reason, or excepts nothing. */
  rule: RuleName | "exception";
  message: string;
}

const EXCEPTION = /^--[ \t]*lint-ignore\b:?[ \t]*(\S*)[ \t]*(.*?)[ \t]*$/gm;

/**
 * Checks a schema's files.
 *
 * @param files in the order in which they run: what an earlier one has validated counts for a later one
 */
export function ruleFaults(files: SqlFile[]): RuleFault[] {
  const history = new SchemaHistory();
  return files.flatMap((file) => faultsOfFile(file, history));
}

function faultsOfFile(file: SqlFile, history: SchemaHistory): RuleFault[] {
  const faults: RuleFault[] = [];
  const made = new Set<string>();
  const isNew = (table: string): boolean => made.has(table);
  let end = 0;
  for (const [i, statement] of file.statements.entries()) {
    const add = (rule: RuleFault["rule"], message: string): void =>
      void faults.push({ file: file.name, ...positionOf(file.text, statement.start), rule, message });
    const context: RuleContext = {
      file,
      tree: statement.tree,
      alter: alterOf(statement, isNew),
      isNew,
      history,
      locked: () => lockedTables(file.statements.slice(0, i + 1))[0],
    };
    const excepted = exceptions(file.text.slice(end, statement.start), add);
    for (const [name, rule] of Object.entries(SQL_RULES) as [RuleName, Rule][]) {
      const message = rule(context);
      if (message !== undefined && !excepted.has(name)) add(name, message);
      if (message === undefined && excepted.has(name))
        add("exception", `${name} finds nothing here: take the exception out`);
    }
    for (const name of createdBy(statement)) made.add(name);
    history.note(file, statement);
    end = statement.start + statement.text.length;
  }
  return faults;
}

function alterOf({ tree }: Statement, isNew: RuleContext["isNew"]): RuleContext["alter"] {
  if (!("AlterTableStmt" in tree) || tree.AlterTableStmt.objtype !== "OBJECT_TABLE") return undefined;
  const table = tableName(tree.AlterTableStmt.relation!);
  return isNew(table) ? undefined : { table, commands: commandsOf(tree.AlterTableStmt) };
}

/** The rules that the comments before a statement except. */
function exceptions(comments: string, add: (rule: "exception", message: string) => void): Set<RuleName> {
  const names = new Set<RuleName>();
  for (const [, name = "", reason] of comments.matchAll(EXCEPTION)) {
    if (!Object.hasOwn(SQL_RULES, name))
      add("exception", `"${name}" is no rule; there are ${Object.keys(SQL_RULES).join(", ")}`);
    else if (!reason) add("exception", `write why: -- lint-ignore ${name} the reason`);
    else names.add(name as RuleName);
  }
  return names;
}

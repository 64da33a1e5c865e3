import type { SqlFile } from "./sqlFile.ts";
import type { Statement } from "./sqlStatements.ts";
import type { Token } from "./sqlTokens.ts";
import { columnName, readNames, wordsOf } from "./normalizedTokens.ts";
import type { AlterTable } from "./normalizedTokens.ts";

/** A check of a table, as far as the files tell. */
interface Check {
  /** Words of the expression, names without quotes. */
  expression: string;
  literals: Set<string>;
  /** The file in which it became valid; none yet while it is NOT VALID. */
  validIn: SqlFile | undefined;
}

/** What the files up to a statement say of a schema's checks. */
export class SchemaHistory {
  readonly #checks = new Map<string, Map<string, Check>>();

  /** Takes in a statement: checks that it adds, validates or drops. */
  note(file: SqlFile, statement: Statement, alter: AlterTable | undefined): void {
    const words = wordsOf(statement);
    const drop = /^drop table (?:if exists )?/.exec(words);
    for (const table of drop ? readNames(statement, drop[0]) : []) this.#checks.delete(table);
    const creation = /^create (?:unlogged )?table (?:if not exists )?/.exec(words);
    const [table] = alter ? [alter.table] : creation ? readNames(statement, creation[0]) : [];
    if (table === undefined) return;
    const checks = this.#checks.get(table) ?? new Map<string, Check>();
    this.#checks.set(table, checks);
    for (const [name, check] of checksIn(statement.tokens, file)) checks.set(name, check);
    for (const action of alter?.actions ?? []) {
      const [, verb, name = ""] = /^(validate|drop) constraint (?:if exists )?(\S+)/.exec(action) ?? [];
      const check = checks.get(columnName(name));
      if (verb === "drop") checks.delete(columnName(name));
      else if (verb && check) check.validIn = file;
    }
  }

  /** Whether a check that was validated before proves that a column holds no null. */
  provesNotNull(table: string, column: string, file: SqlFile): boolean {
    return this.#valid(table, file).some(
      ({ expression }) => expression.includes(`${column} is not null`) && !expression.includes(" or "),
    );
  }

  /** Whether a check that was validated before has all literals of the bounds. (That it implies them is not judged.) */
  provesBounds(table: string, bounds: Token[], file: SqlFile): boolean {
    const wanted = literalsOf(bounds);
    return this.#valid(table, file).some(({ literals }) =>
      [...wanted].every((literal) => literals.has(literal)),
    );
  }

  /** In one transaction with its VALIDATE, a check proves nothing: the table would be read under the lock. */
  #valid(table: string, file: SqlFile): Check[] {
    return [...(this.#checks.get(table)?.values() ?? [])].filter(
      ({ validIn }) => validIn !== undefined && (validIn !== file || file.concurrent),
    );
  }
}

/** Named checks in a CREATE TABLE or ALTER TABLE: `CONSTRAINT name CHECK (…)`, with `NOT VALID` or without. */
function checksIn(tokens: Token[], file: SqlFile): [string, Check][] {
  const found: [string, Check][] = [];
  const at = (i: number): string => tokens[i]?.text.toLowerCase() ?? "";
  for (let i = 0; i < tokens.length; i++) {
    if (at(i) !== "constraint" || at(i + 2) !== "check" || at(i + 3) !== "(") continue;
    let end = i + 4;
    for (let depth = 1; end < tokens.length && depth > 0; end++) {
      if (at(end) === "(") depth++;
      if (at(end) === ")") depth--;
    }
    const inner = tokens.slice(i + 4, end - 1);
    const notValid = [at(end), at(end + 1)].join(" ") === "not valid";
    found.push([
      columnName(at(i + 1)),
      {
        expression: inner.map(({ text }) => columnName(text.toLowerCase())).join(" "),
        literals: literalsOf(inner),
        validIn: notValid ? undefined : file,
      },
    ]);
  }
  return found;
}

function literalsOf(tokens: Token[]): Set<string> {
  return new Set(tokens.filter(({ kind }) => kind === "string" || kind === "number").map(({ text }) => text));
}

import type { Statement } from "./sqlStatements.ts";
import { readNames, wordsOf } from "./statementWords.ts";

/**
 * The tables from which a file's statements lock out writers, be it for a moment, as previews name them. Tables
 * that the file itself creates are left out: nobody writes to them yet. What a DO block or a function does is
 * not seen, and neither are the tables at the other end of a foreign key.
 *
 * Which command takes which lock: PostgreSQL 15 manual, section 13.3.1 and the page of each command.
 */
export function lockedTables(statements: Statement[]): string[] {
  const created = new Set<string>();
  const locked = new Set<string>();
  for (const statement of statements) {
    const words = wordsOf(statement);
    const creation = /^create (?:unlogged )?table (?:if not exists )?/.exec(words);
    if (creation) {
      for (const name of readNames(statement, creation[0])) created.add(name);
      continue;
    }
    for (const name of lockedBy(statement, words)) if (!created.has(name)) locked.add(name);
  }
  return [...locked].sort();
}

/** What stands before the names of the tables that a statement locks. */
const BEFORE_TABLES = [
  /^alter (?:table|materialized view) (?:if exists )?(?:only )?/,
  /^drop (?:table|materialized view) (?:if exists )?/,
  /^truncate (?:table )?(?:only )?/,
  /^lock (?:table )?(?:only )?/,
  /^create (?:unique )?index (?!concurrently )(?:if not exists )?(?:\S+(?: \. \S+)? )?on (?:only )?/,
  /^create (?:or replace )?(?:constraint )?trigger .*? on /,
  /^drop (?:trigger|policy|rule) (?:if exists )?\S+ on /,
  /^create (?:policy|(?:or replace )?rule) .*? (?:on|to) /,
  /^refresh materialized view (?!concurrently )/,
  /^cluster (?!on )/,
];

function lockedBy(statement: Statement, words: string): string[] {
  for (const pattern of BEFORE_TABLES) {
    const before = pattern.exec(words);
    if (!before) continue;
    const names = readNames(statement, before[0]);
    return letsWritersGoOn(words.slice(before[0].length)) ? [] : names;
  }
  return [];
}

/**
 * Whether an ALTER TABLE's actions all take no more than SHARE UPDATE EXCLUSIVE, beside which writers go on.
 * Of several, an unknown one decides.
 */
function letsWritersGoOn(actions: string): boolean {
  const [, first = ""] = /^\S+(?: \. \S+)* (.*)$/.exec(actions) ?? [];
  return topLevel(first).every((action) =>
    /^(?:(?:re)?set \(|validate constraint |alter (?:column )?\S+ (?:set statistics |(?:re)?set \()|attach partition )/.test(
      `${action} `,
    ),
  );
}

/** The parts between commas that stand outside parentheses; none for an empty text. */
function topLevel(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const word of text.split(" ")) {
    if (word === "(") depth++;
    if (word === ")") depth--;
    if (word === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += parts.at(-1) === "" ? word : ` ${word}`;
  }
  return parts[0] === "" ? ["-"] : parts;
}

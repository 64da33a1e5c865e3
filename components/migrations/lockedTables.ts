import type { Statement } from "./sqlStatements.ts";
import { readNames, topLevel, wordsOf } from "./normalizedTokens.ts";

/**
 * The tables from which a file's statements lock out writers, be it for a moment, as previews name them. Tables
 * that the file itself creates are left out: nobody writes to them yet. What a DO block or a function does is
 * not seen.
 *
 * Which command takes which lock: PostgreSQL 15 manual, section 13.3.1 and the page of each command.
 */
export function lockedTables(statements: Statement[]): string[] {
  const created = new Set<string>();
  const locked = new Set<string>();
  for (const statement of statements) {
    const words = wordsOf(statement);
    for (const name of createdBy(statement)) created.add(name);
    for (const name of lockedBy(statement, words)) if (!created.has(name)) locked.add(name);
  }
  return [...locked].sort();
}

/** The table or materialized view that a statement makes, as a list of one or none. */
export function createdBy(statement: Statement): string[] {
  const creation =
    /^create (?:(?:(?:global|local) )?temp(?:orary)? |unlogged )?(?:table|materialized view) (?:if not exists )?/.exec(
      wordsOf(statement),
    );
  return creation ? readNames(statement, creation[0]).slice(0, 1) : [];
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
    return letsWritersGoOn(words.slice(before[0].length)) ? [] : [...names, ...referenced(statement, words)];
  }
  // A new table's foreign keys.
  return createdBy(statement).length > 0 ? referenced(statement, words) : [];
}

/** The tables at the other end of foreign keys. */
function referenced(statement: Statement, words: string): string[] {
  const beginnings = [...words.matchAll(/ references /g)].map(({ index }) =>
    words.slice(0, index + " references ".length),
  );
  return beginnings.flatMap((beginning) => readNames(statement, beginning).slice(0, 1));
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

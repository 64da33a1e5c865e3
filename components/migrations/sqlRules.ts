import type { SchemaHistory } from "./schemaHistory.ts";
import type { SqlFile } from "./sqlFile.ts";
import type { Statement } from "./sqlStatements.ts";
import { columnName, readNames } from "./normalizedTokens.ts";
import type { AlterTable } from "./normalizedTokens.ts";

/** A statement with what came before it. */
export interface Situation {
  file: SqlFile;
  words: string;
  statement: Statement;
  /** What it alters, if it is an ALTER TABLE of a table that is in use. */
  alter: AlterTable | undefined;
  /** Whether a table was made by this file: nobody else sees it yet. */
  isNew: (table: string) => boolean;
  history: SchemaHistory;
  /** A table in use that this transaction has locked already. */
  locked: string | undefined;
}

/** What is wrong with a statement, and what to do instead; undefined when nothing is. */
export type Rule = (situation: Situation) => string | undefined;

const NAME = String.raw`(\S+(?: \. \S+)*)`;
const bare = (name: string): string => name.replaceAll(" ", "");

const readsAll = (table: string): string => `reads all of ${table} while nobody may use it`;
const EACH = "each in a file of its own";

/**
 * What squawk does not see, since it looks at one file at a time: short cuts that make the writers of a table
 * wait while it is read or written as a whole. What a DO block or a function does is not seen.
 */
export const SQL_RULES = {
  "set-not-null-without-check": ({ file, alter, history }) => {
    for (const action of alter?.actions ?? []) {
      const column = /^alter (?:column )?(\S+) set not null$/.exec(action)?.[1];
      if (column === undefined || history.provesNotNull(alter!.table, columnName(column), file)) continue;
      const check = `CHECK (${column} IS NOT NULL) NOT VALID`;
      return `${readsAll(alter!.table)}: first a ${check}, then VALIDATE it, ${EACH}`;
    }
    return undefined;
  },

  "attach-without-check": ({ file, words, isNew, history, statement }) => {
    const attach = new RegExp(` attach partition ${NAME} (for values|default)`).exec(words);
    const partition = bare(attach?.[1] ?? "");
    if (!attach || isNew(partition)) return undefined;
    const values = statement.tokens.findIndex(({ text }) => text.toLowerCase() === "values");
    const bounds = statement.tokens.slice(values);
    if (attach[2] !== "default" && history.provesBounds(partition, bounds, file)) return undefined;
    const check = "CHECK NOT VALID with the literals of the bounds";
    return `${readsAll(partition)}: first a ${check}, then VALIDATE it, ${EACH}`;
  },

  "partition-of": ({ words, isNew }) => {
    const create = `^create (?:unlogged )?table (?:if not exists )?${NAME} partition of ${NAME}`;
    const parent = bare(new RegExp(create).exec(words)?.[2] ?? "");
    if (parent === "" || isNew(parent)) return undefined;
    return `locks everybody out of ${parent}: make the table LIKE it and ATTACH, as platform.create_month() does`;
  },

  "add-column-with-check": ({ alter }) => {
    const inline = /^add (?!constraint |check |foreign |unique |primary |exclude ).* check \(/;
    return alter?.actions.some((action) => inline.test(action))
      ? `${readsAll(alter.table)}: first the column, then the CHECK NOT VALID, then VALIDATE it, ${EACH}`
      : undefined;
  },

  "whole-table-change": ({ words, statement, isNew }) => {
    const change = /^(?:update|delete from) (?:only )?/.exec(words);
    const [table] = change ? readNames(statement, change[0]) : [];
    if (table === undefined || isNew(table)) return undefined;
    const condition = / where (.*)$/.exec(outsideParentheses(words))?.[1];
    if (condition !== undefined && condition !== "true") return undefined;
    const steps = "change them in steps, each with its COMMIT, in the DO block of a concurrent file";
    return `holds every row of ${table} until it is through: ${steps}`;
  },

  "locks-for-long": ({ words, statement, alter, isNew }) => {
    const locks =
      /^(?:truncate (?:table )?(?:only )?|lock (?:table )?(?:only )?|refresh materialized view (?!concurrently ))/;
    const before = locks.exec(words);
    const named = before ? readNames(statement, before[0]).filter((name) => !isNew(name)) : [];
    if (named.length > 0) {
      return `locks everybody out of ${named.join(" and ")}: refresh CONCURRENTLY, drop partitions, delete in steps`;
    }
    const rewrites =
      /^(?:cluster|vacuum full|vacuum \([^)]*\bfull\b)/.test(words) ||
      alter?.actions.some((action) => /^set (?:logged|unlogged|tablespace|access method)\b/.test(action));
    return rewrites ? "writes a whole table anew while nobody may use it" : undefined;
  },

  "lock-then-work": ({ file, words, locked }) => {
    if (file.concurrent || locked === undefined) return undefined;
    const works =
      /^(?:update|delete|merge|copy|create materialized view) /.test(words) ||
      words.startsWith("refresh materialized view concurrently ") ||
      /^insert into .* select /.test(outsideParentheses(words)) ||
      /^create (?:unlogged )?table .* as (?:select|with|table) /.test(words) ||
      / validate constraint /.test(words);
    return works
      ? `${locked} stays locked, by a statement above or this one, until this is through: give it a file of its own`
      : undefined;
  },
} as const satisfies Record<string, Rule>;

/** A rule's name, as an exception (`-- lint-ignore <rule> <reason>`) writes it. */
export type RuleName = keyof typeof SQL_RULES;

/** A statement's words without what stands in parentheses. */
function outsideParentheses(words: string): string {
  let depth = 0;
  return words
    .split(" ")
    .filter((word) => {
      if (word === "(") depth++;
      const outside = depth === 0;
      if (word === ")") depth--;
      return outside;
    })
    .join(" ");
}

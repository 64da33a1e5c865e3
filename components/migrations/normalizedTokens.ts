import type { Statement } from "./sqlStatements.ts";
import type { Token } from "./sqlTokens.ts";

/** A statement's tokens in one line, one blank between two: words in lower case, strings as `?`. */
export function wordsOf(statement: Statement): string {
  return statement.tokens.map(wordOf).join(" ");
}

function wordOf(token: Token): string {
  if (token.kind === "word") return token.text.toLowerCase();
  if (token.kind === "string") return "?";
  // A blank in a quoted name would look like the end of the name.
  return token.text.replaceAll(/\s/g, "_");
}

/** The names, such as `dgm.dgm_archive`, in the list with commas that follows the given beginning. */
export function readNames(statement: Statement, beginning: string): string[] {
  const rest = statement.tokens.slice(beginning.split(" ").length - 1);
  const names: string[] = [];
  for (let at = 0; isName(rest[at]); at++) {
    let name = nameOf(rest[at]!);
    for (at++; rest[at]?.text === "." && isName(rest[at + 1]); at += 2) name += `.${nameOf(rest[at + 1]!)}`;
    names.push(name);
    if (rest[at]?.text !== ",") break;
  }
  return names;
}

const isName = (token: Token | undefined): boolean => token?.kind === "word" || token?.kind === "quotedName";
const nameOf = (token: Token): string => (token.kind === "word" ? token.text.toLowerCase() : token.text);

/** The parts of {@link wordsOf} text between commas that stand outside parentheses; `-` for an empty text. */
export function topLevel(text: string): string[] {
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

/** An ALTER TABLE: its table, such as `dgm.dgm_archive`, and what it does to it, in {@link wordsOf} text. */
export interface AlterTable {
  table: string;
  actions: string[];
}

/** Reads {@link wordsOf} text of a statement; undefined when it is no ALTER TABLE. */
export function alterTable(words: string): AlterTable | undefined {
  const [, table, actions] =
    /^alter table (?:if exists )?(?:only )?(\S+(?: \. \S+)*) (.*)$/.exec(words) ?? [];
  if (table === undefined || actions === undefined) return undefined;
  return { table: table.replaceAll(" ", ""), actions: topLevel(actions) };
}

/** A name without quotes that it does not need: `"timestamp"` is `timestamp`. */
export function columnName(name: string): string {
  return /^"([a-z_][a-z0-9_$]*)"$/.exec(name)?.[1] ?? name;
}

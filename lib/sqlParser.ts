import type { Node, ParseResult, SqlError } from "libpg-query";
import { offsetOfCharacter } from "./text/sourcePosition.ts";

/** One statement of a text, from its first word to before its semicolon. */
export interface Statement {
  text: string;
  /** Where it starts in the whole text, in UTF-16 units. */
  start: number;
  /** The same in bytes of UTF-8, in which the tree gives its locations. */
  startByte: number;
  /** PostgreSQL's own raw parse tree. */
  tree: Node;
}

/** Text that PostgreSQL's grammar refuses. */
export class SqlSyntaxError extends Error {
  /** Where, in UTF-16 units. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Splits a text into its statements and parses them by the grammar of PostgreSQL 15. Bodies of functions and DO blocks
 * are strings to it, unless they are written as `BEGIN ATOMIC … END`.
 *
 * @param text  without NUL, at which the parser would end
 * @throws SqlSyntaxError with the server's words, in one line
 */
export async function parseSql(text: string): Promise<Statement[]> {
  if (text.trim() === "") return [];
  // Only when needed: it takes 30 ms to load.
  const { hasSqlDetails, parse } = await import("libpg-query");
  let stmts: ParseResult["stmts"];
  try {
    ({ stmts } = (await parse(text)) as ParseResult);
  } catch (error) {
    if (!hasSqlDetails(error)) throw error;
    throw syntaxError(text, error);
  }
  const bytes = Buffer.from(text);
  return (stmts ?? []).map(({ stmt, stmt_location: from = 0, stmt_len: length }) => {
    const raw = bytes.toString("utf8", from, length ? from + length : undefined);
    const gap = raw.slice(0, skipGap(raw));
    return {
      text: raw.slice(gap.length).replace(/[ \t\n\r\f]+$/, ""),
      start: bytes.toString("utf8", 0, from).length + gap.length,
      startByte: from + Buffer.byteLength(gap),
      tree: stmt!,
    };
  });
}

function syntaxError(text: string, { message, sqlDetails }: SqlError): SqlSyntaxError {
  const offset = offsetOfCharacter(text, sqlDetails!.cursorPosition + 1);
  const shown = message
    // The server shows all the rest of a text that never closes its string.
    .replace(/\n[^]*$/, "…")
    // Blanks and marks that no blank is for the grammar, and that nobody would see.
    .replace(/[\p{Cf}\p{Zs}\p{Zl}\p{Zp}]/gu, (c) =>
      c === " " ? c : `<U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}>`,
    );
  return new SqlSyntaxError(shown, Math.min(offset, text.trimEnd().length));
}

/** The offset of the first word: behind blanks and comments, which nest where they are in blocks. */
function skipGap(text: string, from = 0): number {
  const gap = /(?:[ \t\n\r\f]|--[^\n\r]*)*/y;
  gap.lastIndex = from;
  gap.test(text);
  if (!text.startsWith("/*", gap.lastIndex)) return gap.lastIndex;
  const edge = /\/\*|\*\//g;
  edge.lastIndex = gap.lastIndex;
  let depth = 0;
  do depth += edge.exec(text)![0] === "/*" ? 1 : -1;
  while (depth > 0);
  return skipGap(text, edge.lastIndex);
}

type Kinds = { [K in Node as keyof K]: K[keyof K] };
/** A kind of node, such as `UpdateStmt`. */
export type Kind = keyof Kinds;

/** Kinds that only write down what is to run later. */
const DEFINITIONS: ReadonlySet<string> = new Set(["CreateFunctionStmt", "RuleStmt", "PrepareStmt"]);

/** All nodes of a kind in a tree or a list of trees, such as every UPDATE of a statement, with those of its WITH. */
export function nodesOf<K extends Kind>(tree: unknown, kind: K): Kinds[K][] {
  if (!isObject(tree)) return [];
  let nodes = nodesByKind.get(tree);
  if (!nodes) {
    nodes = new Map();
    collect(tree, nodes);
    nodesByKind.set(tree, nodes);
  }
  return (nodes.get(kind) ?? []) as Kinds[K][];
}

/** A tree is walked once, however many kinds are looked for. */
const nodesByKind = new WeakMap<object, Map<string, unknown[]>>();

function collect(tree: object, nodes: Map<string, unknown[]>): void {
  for (const [key, value] of Object.entries(tree) as [string, unknown][]) {
    if (!isObject(value)) continue;
    const same = nodes.get(key);
    if (same) same.push(value);
    else nodes.set(key, [value]);
    if (!DEFINITIONS.has(key)) collect(value, nodes);
  }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

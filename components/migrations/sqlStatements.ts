import { tokenize } from "./sqlTokens.ts";
import type { Token } from "./sqlTokens.ts";

/** One statement of a file, without its closing semicolon. */
export interface Statement {
  text: string;
  /** Where the statement starts in the file's text, in UTF-16 units. */
  start: number;
  /** The statement's tokens; their offsets are those of the file. */
  tokens: Token[];
}

/**
 * Splits a file's text into its statements, at the semicolons at which the server would: not in strings,
 * dollar quotes or comments, not within parentheses, and not in the `BEGIN ATOMIC … END` body of a routine.
 *
 * @throws UnterminatedError as {@link tokenize}
 */
export function splitStatements(text: string): Statement[] {
  const statements: Statement[] = [];
  let tokens: Token[] = [];
  let parentheses = 0;
  let atomic = 0;
  const close = (): void => {
    const [first, last] = [tokens[0], tokens.at(-1)];
    if (first && last) {
      statements.push({ text: text.slice(first.start, last.end), start: first.start, tokens });
    }
    tokens = [];
    parentheses = 0;
    atomic = 0;
  };

  for (const token of tokenize(text)) {
    if (token.text === ";" && parentheses === 0 && atomic === 0) {
      close();
      continue;
    }
    if (token.text === "(") parentheses++;
    if (token.text === ")" && parentheses > 0) parentheses--;
    if (token.kind === "word") atomic = atomicDepth(atomic, token.text.toLowerCase(), tokens);
    tokens.push(token);
  }
  close();
  return statements;
}

/** The nesting of a routine's SQL body after one more word: `begin atomic` and `case` open, `end` closes. */
function atomicDepth(depth: number, word: string, before: Token[]): number {
  if (depth === 0) {
    const previous = before.at(-1)?.text.toLowerCase();
    return word === "atomic" && previous === "begin" && createsRoutine(before) ? 1 : 0;
  }
  if (word === "case") return depth + 1;
  return word === "end" ? depth - 1 : depth;
}

function createsRoutine(tokens: Token[]): boolean {
  return /^create (or replace )?(function|procedure) /.test(leadingWords(tokens, 4) + " ");
}

/** The first words of a statement in lower case, joined by one blank; it ends before the first other token. */
export function leadingWords(tokens: Token[], count: number): string {
  const words: string[] = [];
  for (const token of tokens.slice(0, count)) {
    if (token.kind !== "word") break;
    words.push(token.text.toLowerCase());
  }
  return words.join(" ");
}

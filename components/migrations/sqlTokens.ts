/** One lexical piece of SQL text. Comments and blanks are no tokens. Offsets count UTF-16 units. */
export interface Token {
  kind: "word" | "quotedName" | "string" | "number" | "symbol";
  text: string;
  start: number;
  end: number;
}

/** Text that PostgreSQL's own lexer would refuse, because something that was opened is never closed. */
export class UnterminatedError extends Error {
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`${what} is opened here and never closed`);
    this.offset = offset;
  }
}

const blank = /[ \t\r\n\f\v]+/y;
const lineComment = /--[^\n]*/y;
const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const numeral = /[0-9]+(?:\.[0-9]+)?/y;
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
// Strings that follow each other after a line break are one string, in the manner (E or not) of the first.
const continuation = /(?:[ \t\f\v]|--[^\n]*)*[\n\r](?:[ \t\n\r\f\v]|--[^\n]*[\n\r])*'/y;

/**
 * Splits SQL text into tokens by the lexical rules of PostgreSQL 15 with `standard_conforming_strings` on
 * (manual, section 4.1): nested block comments, dollar quotes, `E''` strings, doubled quotes.
 *
 * @throws UnterminatedError for a string, quoted name, dollar quote or block comment without an end
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp, from = at): string | undefined => {
    pattern.lastIndex = from;
    return pattern.exec(text)?.[0];
  };
  const take = (kind: Token["kind"], end: number): void => {
    tokens.push({ kind, text: text.slice(at, end), start: at, end });
    at = end;
  };

  while (at < text.length) {
    const skipped = match(blank) ?? match(lineComment);
    if (skipped !== undefined) {
      at += skipped.length;
      continue;
    }
    if (text.startsWith("/*", at)) {
      at = endOfBlockComment(text, at);
      continue;
    }
    const character = text[at];
    if (character === "'") {
      take("string", endOfString(text, at, at, false, match));
    } else if (character === '"') {
      take("quotedName", endOfQuoted(text, at, at, '"', "a quoted name"));
    } else if (character === "$" && match(dollarTag) !== undefined) {
      take("string", endOfDollarQuote(text, at, match(dollarTag)!));
    } else {
      const name = match(word);
      if (name !== undefined) {
        const quote = at + name.length;
        if (/^(?:e|b|x|n)$/i.test(name) && text[quote] === "'") {
          take("string", endOfString(text, at, quote, /^e$/i.test(name), match));
        } else if (/^u$/i.test(name) && text[quote] === "&" && /['"]/.test(text[quote + 1] ?? "")) {
          const isName = text[quote + 1] === '"';
          take(
            isName ? "quotedName" : "string",
            isName
              ? endOfQuoted(text, at, quote + 1, '"', "a quoted name")
              : endOfString(text, at, quote + 1, false, match),
          );
        } else {
          take("word", quote);
        }
      } else {
        const digits = match(numeral);
        if (digits !== undefined) take("number", at + digits.length);
        else take("symbol", at + 1);
      }
    }
  }
  return tokens;
}

function endOfBlockComment(text: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let found = edge.exec(text); found; found = edge.exec(text)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  throw new UnterminatedError("a block comment", start);
}

function endOfDollarQuote(text: string, start: number, tag: string): number {
  const close = text.indexOf(tag, start + tag.length);
  if (close < 0) throw new UnterminatedError(`a dollar quote ${tag}`, start);
  return close + tag.length;
}

/** The offset after the closing quote; a doubled quote does not close. */
function endOfQuoted(text: string, start: number, open: number, quote: string, what: string): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] !== quote) continue;
    if (text[at + 1] !== quote) return at + 1;
    at++;
  }
  throw new UnterminatedError(what, start);
}

function endOfString(
  text: string,
  start: number,
  open: number,
  backslashes: boolean,
  match: (pattern: RegExp, from: number) => string | undefined,
): number {
  let end = -1;
  for (let at = open + 1; at < text.length && end < 0; at++) {
    if (backslashes && text[at] === "\\") at++;
    else if (text[at] === "'" && text[at + 1] === "'") at++;
    else if (text[at] === "'") end = at + 1;
  }
  if (end < 0) throw new UnterminatedError("a string", start);
  const more = match(continuation, end);
  return more === undefined ? end : endOfString(text, start, end + more.length - 1, backslashes, match);
}

import { cutToBytes } from "../../lib/text/utf8.ts";

/** The longest name that PostgreSQL keeps, in bytes. */
export const LONGEST_NAME = 63;

/** A name as files write it: in quotes, or as a word. */
export const WRITTEN_NAME = /"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/;

/** A written name without its quotes, in the case in which the server keeps it: beyond ASCII, UTF-8 capitals stay. */
export function unquoted(written: string): string {
  if (written.startsWith('"')) return written.slice(1, -1).replaceAll('""', '"');
  return written.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A written name as the server keeps it, which cuts it to 63 bytes. */
export function keptName(written: string): string {
  return cutToBytes(unquoted(written), LONGEST_NAME);
}

/** Literals and comments, which may hold what looks like a name, then names. */
const TOKEN = new RegExp(
  String.raw`--[^\n]*|/\*[^]*?\*/|\$(\w*)\$[^]*?\$\1\$|'(?:[^']|'')*'|(?<name>${WRITTEN_NAME.source})`,
  "g",
);

/**
 * The names of a statement that the server would cut, each once with its offset in the statement. What the bodies of
 * functions hold is not seen.
 *
 * @param tree  the statement's, in which such names are cut already: what is in none is no name
 */
export function longNames(text: string, tree: object): { written: string; kept: string; at: number }[] {
  const found = new Map<string, { written: string; kept: string; at: number }>();
  for (const { groups, index: at } of text.matchAll(TOKEN)) {
    const written = groups?.["name"];
    if (written === undefined || Buffer.byteLength(unquoted(written)) <= LONGEST_NAME || found.has(written))
      continue;
    const kept = keptName(written);
    if (holds(tree, kept)) found.set(written, { written, kept, at });
  }
  return [...found.values()];
}

function holds(tree: object, text: string): boolean {
  return Object.values(tree).some((value: unknown) =>
    typeof value === "object" && value !== null ? holds(value, text) : value === text,
  );
}

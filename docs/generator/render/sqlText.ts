// SQL as the server prints it, in the words in which it was written.

/** Types by the names that everybody writes. */
export function shortType(type: string): string {
  return type
    .replace("timestamp with time zone", "timestamptz")
    .replace("timestamp without time zone", "timestamp")
    .replace("character varying", "varchar");
}

const LITERAL = String.raw`'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|\bNULL\b`;
const TYPE = String.raw`(?:timestamp with time zone|double precision|[a-z]+[0-9]*)(?:\[\])?`;
const CAST_LITERAL = new RegExp(`(${LITERAL})::${TYPE}`, "g");
const ANY_OF_ARRAY = /= ANY \(ARRAY\[((?:'(?:[^']|'')*'(?:, )?)+)\]\)/g;

/** An expression without the casts that the server adds to literals, and with `IN` where it says `= ANY (ARRAY[…])`. */
export function shortExpression(expression: string): string {
  return expression
    .replaceAll(/\s+/g, " ")
    .replaceAll("( CASE", "(CASE")
    .replaceAll(CAST_LITERAL, "$1")
    .replaceAll(ANY_OF_ARRAY, "IN ($1)")
    .trim();
}

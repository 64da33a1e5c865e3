// SQL as the server prints it, in the words in which it was written.

/** Types by the names that everybody writes. */
export function shortType(type: string): string {
  return type
    .replace("timestamp with time zone", "timestamptz")
    .replace("timestamp without time zone", "timestamp")
    .replace("character varying", "varchar");
}

/** An expression without the casts that the server adds to literals, and with `IN` where it says `= ANY (ARRAY[…])`. */
export function shortExpression(expression: string): string {
  return expression
    .replaceAll(/\s+/g, " ")
    .replaceAll(
      /('(?:[^']|'')*')::(?:text|jsonb|numeric|double precision|integer|bigint|interval|regclass)\b(?!\[)/g,
      "$1",
    )
    .replaceAll(/= ANY \(ARRAY\[((?:'(?:[^']|'')*'(?:, )?)+)\]\)/g, "IN ($1)");
}

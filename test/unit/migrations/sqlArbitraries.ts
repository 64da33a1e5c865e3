import fc from "fast-check";

/** Text that is full of what could mislead a lexer. */
const wild = fc
  .array(
    fc.constantFrom(
      "'",
      '"',
      "$",
      "$$",
      ";",
      "--",
      "/*",
      "*/",
      "\\",
      "\n",
      "a",
      "é",
      "😀",
      " ",
      "E'",
      "(",
      ")",
      "$x$",
    ),
  )
  .map((parts) => parts.join(""));

const quoted = wild.map((text) => `'${text.replaceAll("'", "''")}'`);
const escaped = wild.map((text) => `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`);
const name = wild.map((text) => `"n${text.replaceAll('"', '""')}"`);
const dollar = fc
  .tuple(wild, fc.constantFrom("$$", "$x$", "$Tag_1$", "$é$"))
  .filter(([text, tag]) => !`${text}$`.includes(tag) && !text.endsWith("$"))
  .map(([text, tag]) => tag + text + tag);
const lineComment = wild.map((text) => `--${text.replaceAll("\n", "")}\n`);
const blockComment: fc.Arbitrary<string> = wild.map(
  (text) => `/*${text.replace(/[*/]/g, "")}/* nested; ' */ ; */`,
);
const gap = fc.oneof(fc.constantFrom(" ", "\n", "\t"), lineComment, blockComment);

const value = fc.oneof(
  quoted,
  escaped,
  dollar,
  fc.constantFrom("1", "1.5", "(SELECT 1)", "CASE WHEN true THEN 1 END"),
);

/** A SELECT that any server runs, as one statement. */
const statement = fc
  .tuple(value, gap, name, gap)
  .map(([selected, before, alias, after]) => `SELECT ${selected}${before}AS${after}${alias}`);

/** Statements up to their semicolons, with what stands between them, and the text that they make. */
export const anyStatements = fc
  .array(fc.tuple(fc.array(gap, { maxLength: 2 }), statement, fc.array(gap, { maxLength: 2 })), {
    maxLength: 5,
  })
  .chain((parts) =>
    fc.boolean().map((closed) => ({
      statements: parts.map(([, text, after]) => (text + after.join("")).replace(/[ \t\n\r\f]+$/, "")),
      text:
        parts.map(([before, text, after]) => before.join("") + text + after.join("")).join(";") +
        (closed && parts.length > 0 ? ";" : ""),
    })),
  );

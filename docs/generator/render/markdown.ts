// Markdown as GitHub shows it. Tables come out unaligned: Prettier aligns them when a page is written.

/** Text in which nothing is a mark-up: comments of the database hold `<table>`, `$1` and `*`. An underscore within a word is none anyway. */
export function text(value: string): string {
  return value.replaceAll(/[\\`*<[\]$~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&");
}

/** Code within a line, whatever backticks it holds. */
export function code(value: string): string {
  const longest = Math.max(0, ...[...value.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = value.startsWith("`") || value.endsWith("`") ? " " : "";
  return `${fence}${space}${value}${space}${fence}`;
}

/** {@link code} of each, with commas between. */
export function codes(values: readonly string[]): string {
  return values.map(code).join(", ");
}

/** A fenced block; no line may begin with three backticks. */
export function codeBlock(language: string, lines: readonly string[]): string {
  return ["```" + language, ...lines, "```"].join("\n");
}

/** A link; both parts are Markdown already. */
export function link(label: string, target: string): string {
  return `[${label}](${target})`;
}

/** The anchor that GitHub gives a heading, without the `#`. Headings of one page must differ. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}

/** Parts of a page, with an empty line between them; empty parts are left out. */
export function blocks(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join("\n\n");
}

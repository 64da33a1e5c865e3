/** A place in a text, both counted from 1; the column counts characters, not UTF-16 units. */
export interface SourcePosition {
  line: number;
  column: number;
}

/** The line and column of an offset in UTF-16 units. */
export function positionOf(text: string, offset: number): SourcePosition {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return {
    line: before.split("\n").length,
    column: Array.from(before.slice(lineStart)).length + 1,
  };
}

/** The offset in UTF-16 units of PostgreSQL's `position`, which counts characters from 1. */
export function offsetOfCharacter(text: string, position: number): number {
  let offset = 0;
  for (let character = 1; character < position && offset < text.length; character++) {
    offset += text.codePointAt(offset)! > 0xffff ? 2 : 1;
  }
  return offset;
}

/** Columns shown on each side of the place: a generated line may be very long. */
const MARGIN = 70;

/** The line of a place, and under it a caret; tabs stay, so that the caret stands right in any terminal. */
export function caret(text: string, { line, column }: SourcePosition): string {
  const characters = Array.from(text.split("\n")[line - 1] ?? "");
  const from = Math.max(0, column - 1 - MARGIN);
  const shown = characters.slice(from, column - 1 + MARGIN);
  const before = characters.slice(from, column - 1);
  const cut = { left: from > 0 ? "…" : "", right: from + shown.length < characters.length ? "…" : "" };
  const gutter = `${line} | `;
  const blanks =
    " ".repeat(gutter.length + cut.left.length) + before.map((c) => (c === "\t" ? "\t" : " ")).join("");
  return `${gutter}${cut.left}${shown.join("")}${cut.right}\n${blanks}^`;
}

/**
 * A table in Markdown; in a cell a `|` is a character as any other.
 *
 * @param aligned  whether columns are laid out as Prettier does it, for what no Prettier sees
 * @throws where a cell has `\|`: GitHub's Markdown knows no way to write it in code
 */
export function markdownTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { aligned = false }: { aligned?: boolean } = {},
): string {
  const cells = [headings, ...rows].map((row) => row.map(tableCell));
  const widths = headings.map((_, i) =>
    aligned ? Math.max(...cells.map((row) => lengthOf(row[i] ?? ""))) : 0,
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell + " ".repeat(Math.max(widths[i]! - lengthOf(cell), 0))).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(Math.max(width, 3)));
  return [line(cells[0]!), line(rule), ...cells.slice(1).map(line)].join("\n");
}

/** In characters, not in UTF-16's units. */
function lengthOf(text: string): number {
  return [...text].length;
}

function tableCell(cell: string): string {
  if (/(?<!\\)(?:\\\\)*\\\|/.test(cell))
    throw new Error(`A backslash before a pipe cannot stand in a table: ${cell}`);
  return cell.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").trim();
}

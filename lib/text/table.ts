/** One column of a table on a terminal. */
export interface Column<Row> {
  title: string;
  cell: (row: Row) => string;
  /** Numbers stand to the right. */
  right?: boolean;
}

const GAP = "  ";

/**
 * Rows in columns, no line wider than `width`: the widest cells of the widest left-aligned column are cut first.
 * Character widths are taken as one each.
 */
export function textTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  const fixed = GAP.length * (columns.length - 1);
  for (;;) {
    const over = widths.reduce((sum, one) => sum + one, fixed) - width;
    if (over <= 0) break;
    const widest = widestOf(columns, widths);
    if (widths[widest]! <= 8) break;
    widths[widest] = Math.max(widths[widest]! - over, nextWidest(columns, widths, widest), 8);
  }
  return cells.map((line) =>
    line
      .map((cell, i) => fit(cell, widths[i]!, columns[i]!.right ?? false))
      .join(GAP)
      .trimEnd()
      .slice(0, width),
  );
}

function widestOf<Row>(columns: readonly Column<Row>[], widths: readonly number[]): number {
  const cuttable = columns.flatMap((column, i) => (column.right ? [] : [i]));
  const candidates = cuttable.length > 0 ? cuttable : widths.map((_, i) => i);
  return candidates.reduce((widest, i) => (widths[i]! > widths[widest]! ? i : widest));
}

/** Down to where another column is as wide, so that both are cut from there on; one less where they are equal. */
function nextWidest<Row>(columns: readonly Column<Row>[], widths: readonly number[], widest: number): number {
  const others = widths.filter((one, i) => i !== widest && !columns[i]!.right && one < widths[widest]!);
  const next = Math.max(0, ...others);
  return next === 0 ? 0 : Math.min(next, widths[widest]! - 1);
}

function fit(cell: string, width: number, right: boolean): string {
  const cut = cell.length <= width ? cell : `${cell.slice(0, Math.max(width - 1, 0))}…`;
  return right ? cut.padStart(width) : cut.padEnd(width);
}

/** Text in lines of at most `width`, broken between words; what has none is broken where it must be. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter(Boolean)) {
    let rest = word;
    if (line !== "" && line.length + 1 + rest.length <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== "") lines.push(line);
    while (rest.length > width) {
      lines.push(rest.slice(0, width));
      rest = rest.slice(width);
    }
    line = rest;
  }
  return line === "" ? lines : [...lines, line];
}

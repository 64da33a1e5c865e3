/** A column as the catalogue has it. */
export interface Column {
  name: string;
  /** Such as `text` or `timestamp with time zone`. */
  type: string;
}

interface Condition {
  column: string;
  kind: "equal" | "range" | "contains" | "like";
}

const OPERATORS: readonly [Condition["kind"], RegExp][] = [
  ["contains", /^\s*(@>|\?[|&]?)/],
  ["like", /^\s*(NOT\s+)?(I?LIKE\b|~~?\*?)/i],
  ["equal", /^\s*(=|IN\s*\(|IS\s+NULL\b)/i],
  ["range", /^\s*([<>]=?|BETWEEN\b)/i],
];

/**
 * The index that would serve a statement's conditions on a table: the columns that it compares for equality, then one
 * that it limits or sorts by. Words on a normalised text, not a plan: to be tried with EXPLAIN before it is built.
 *
 * @param statement  as pg_stat_statements has it, with `$1` for constants
 * @returns a `CREATE INDEX` statement as `sql/<schema>/R__indexes.sql` takes it, or undefined where nothing is compared
 */
export function suggestIndex(
  table: { schema: string; name: string; columns: readonly Column[] },
  statement: string,
): string | undefined {
  const found = conditionsOf(statement, table.columns);
  const special = found.find(({ kind }) => kind === "contains" || kind === "like");
  const equal = unique(found.filter(({ kind }) => kind === "equal"));
  if (special && equal.length === 0) {
    const operators = special.kind === "like" ? " gin_trgm_ops" : "";
    return statementFor(table, [special.column], `USING gin (${quoted(special.column)}${operators})`);
  }
  const last = found.find(({ kind, column }) => kind === "range" && !equal.includes(column))?.column;
  const columns = [...equal, ...(last === undefined ? [] : [last])];
  const sorted = sortOf(statement, table.columns);
  if (sorted && last === undefined && !columns.includes(sorted.column)) columns.push(sorted.column);
  if (columns.length === 0) return undefined;
  const terms = columns.map((column) =>
    column === sorted?.column ? quoted(column) + sorted.order : quoted(column),
  );
  return statementFor(table, columns, `(${terms.join(", ")})`);
}

/** Whether an index that is there begins with the same columns. @param definitions  `CREATE INDEX` statements */
export function isCovered(suggestion: string, definitions: readonly string[]): boolean {
  const wanted = columnsIn(suggestion);
  return definitions.some(
    (definition) =>
      !/ WHERE /.test(definition) && wanted.every((column, i) => columnsIn(definition)[i] === column),
  );
}

function columnsIn(definition: string): string[] {
  const list = /\(([^()]*)\)/.exec(definition)?.[1] ?? "";
  return list.split(",").map((term) => term.trim().split(" ")[0] ?? "");
}

function conditionsOf(statement: string, columns: readonly Column[]): Condition[] {
  const where = /\bWHERE\b([\s\S]*)/i.exec(statement)?.[1];
  if (where === undefined) return [];
  const conditions = where.split(/\b(?:GROUP|ORDER)\s+BY\b|\bLIMIT\b|\bRETURNING\b/i)[0] ?? "";
  const found: (Condition & { at: number })[] = [];
  for (const { name } of columns) {
    for (const match of conditions.matchAll(wordOf(name))) {
      const after = conditions.slice(match.index + match[0].length);
      const kind = OPERATORS.find(([, operator]) => operator.test(after))?.[0];
      // Of NOT LIKE no index knows anything.
      if (kind === undefined || /^\s*NOT\b/i.test(after)) continue;
      // A comparison with another column is a join, which the other table's rows drive.
      found.push({ column: name, kind, at: match.index });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

function sortOf(
  statement: string,
  columns: readonly Column[],
): { column: string; order: string } | undefined {
  const text = /\bORDER\s+BY\b([\s\S]*)/i.exec(statement)?.[1];
  // Without a limit all rows are read anyway, and sorting them costs less than an index.
  if (text === undefined || !/\bLIMIT\b/i.test(text)) return undefined;
  const [, name, direction] = /^\s*(?:\w+\.)?"?(\w+)"?(?:\s+(ASC|DESC))?/i.exec(text) ?? [];
  if (!columns.some((column) => column.name === name) || name === undefined) return undefined;
  return { column: name, order: direction?.toUpperCase() === "DESC" ? " DESC" : "" };
}

/** A column's name as a word, with or without a table's name or quotes around it. */
function wordOf(name: string): RegExp {
  return new RegExp(`(?<![\\w$"])(?:"?\\w+"?\\.)?"?${name.replaceAll(/[^\w]/g, "\\$&")}"?(?![\\w"(])`, "g");
}

function statementFor(
  table: { schema: string; name: string },
  columns: readonly string[],
  rest: string,
): string {
  const name = `idx_${table.name}_${columns.join("_")}`.slice(0, 63).replace(/_$/, "");
  return `CREATE INDEX CONCURRENTLY IF NOT EXISTS ${quoted(name)} ON ${quoted(table.schema)}.${quoted(table.name)} ${rest};`;
}

function unique(conditions: readonly Condition[]): string[] {
  return [...new Set(conditions.map(({ column }) => column))].slice(0, 3);
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Reserved words that occur as names of columns here. */
const RESERVED = new Set([
  "user",
  "table",
  "order",
  "group",
  "check",
  "default",
  "end",
  "limit",
  "select",
  "where",
]);

import type { Column, Index, Partitioning, Relation } from "../catalogue/model.ts";
import type { ProvenQuery } from "../plans/prove.ts";
import { markdownTable } from "../../../lib/text/markdownTable.ts";
import { anchor, blocks, code, codes, link, text } from "./markdown.ts";
import { shortExpression, shortType } from "./sqlText.ts";

/** The section of a table or a materialized view. */
export function renderTable(schema: string, relation: Relation, proven: readonly ProvenQuery[]): string {
  return blocks(
    `### ${tableHeading(schema, relation)}`,
    relation.comment && text(relation.comment),
    relation.partitioning && renderPartitioning(relation.partitioning),
    relation.rowLevelSecurity ? "Row-level security decides who sees which rows." : undefined,
    markdownTable(["column", "type", "null", "default", "what it is"], relation.columns.map(columnRow)),
    relation.foreignKeys.length > 0
      ? markdownTable(
          ["foreign key", "columns", "references", "when that row is deleted"],
          relation.foreignKeys.map((key) => [
            code(key.name),
            codes(key.columns),
            code(`${key.references} (${key.referencedColumns.join(", ")})`),
            key.onDelete === "no action" ? "refused" : key.onDelete,
          ]),
        )
      : undefined,
    relation.constraints.length > 0
      ? markdownTable(
          ["constraint", "what it demands"],
          relation.constraints.map(({ name, definition }) => [code(name), code(shortExpression(definition))]),
        )
      : undefined,
    relation.indexes.length > 0
      ? markdownTable(
          ["index", "on", "serves"],
          relation.indexes.map((index) => [
            code(index.name),
            code(shortExpression(index.definition)),
            serves(index, relation, proven),
          ]),
        )
      : undefined,
  );
}

/** The heading of a table's section; its anchor is the heading's. */
export function tableHeading(schema: string, relation: Relation): string {
  return code(`${schema}.${relation.name}`);
}

function columnRow({ name, type, notNull, expression, generated, identity, comment }: Column): string[] {
  const counted = identity ? "counted up" : "";
  const value = expression === undefined ? counted : code(shortExpression(expression));
  return [
    code(name),
    code(shortType(type)),
    notNull ? "no" : "yes",
    generated ? `computed: ${value}` : value,
    text(comment ?? ""),
  ];
}

function renderPartitioning({ key, listColumn, listValues, retentionMonths }: Partitioning): string {
  const months = `Partitioned by month (UTC): ${code(key)}`;
  const parts = listColumn
    ? `${months}, each month by ${code(listColumn)}: ${codes(listValues ?? [])}.`
    : `${months}.`;
  return `${parts} ${kept(retentionMonths)}`;
}

/** How long rows stay, in words. */
export function kept(retentionMonths: number | undefined): string {
  return retentionMonths === undefined
    ? "Kept for good, unless `partitions.retention` names the table."
    : `Kept for ${retentionMonths} full months before the current one, unless the stack says otherwise.`;
}

/** What an index is there for: queries of the requirements, a constraint, a foreign key that would read the table. */
function serves(index: Index, relation: Relation, proven: readonly ProvenQuery[]): string {
  const queries = proven
    .filter(({ plan }) => plan.indexes.includes(index.name))
    .map(({ query }) => link(query.title, `#${anchor(query.title)}`));
  const key = index.ofConstraint ? ["its constraint"] : index.unique ? ["uniqueness"] : [];
  const foreign = relation.foreignKeys
    .filter(({ columns }) =>
      columns.every((column) => index.columns.slice(0, columns.length).includes(column)),
    )
    .map(({ name }) => code(name));
  const comment = index.comment === undefined ? [] : [text(index.comment)];
  return [...key, ...queries, ...foreign, ...comment].join("; ");
}

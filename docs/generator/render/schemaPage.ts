import { renderDiagram } from "./diagram.ts";
import { markdownTable } from "../../../lib/text/markdownTable.ts";
import { anchor, blocks, code, codeBlock, link, text } from "./markdown.ts";
import { GENERATED, type SchemaPage } from "./overview.ts";
import { renderQuery } from "./query.ts";
import { title } from "./services.ts";
import { renderTable, tableHeading } from "./table.ts";

/** `docs/schema/<schema>.md`. */
export function renderSchemaPage({ schema, proven, reasons, indexFile }: SchemaPage): string {
  const tables = schema.relations.filter(({ kind }) => kind !== "view");
  const views = schema.relations.filter(({ kind }) => kind === "view");
  const toTable = (relation: (typeof tables)[number]) =>
    link(code(relation.name), `#${anchor(tableHeading(schema.name, relation))}`);
  return blocks(
    `# ${title(schema.name)}`,
    GENERATED,
    [
      link("All schemas", "../schema.md"),
      ...(reasons ? [link("Why it is as it is", `../${reasons}`)] : []),
    ].join(" · "),
    [
      ...(tables.length > 1 ? [`- ${link("Relations", "#relations")}`] : []),
      `- ${link("Tables", "#tables")}: ${tables.map(toTable).join(", ")}`,
      ...(views.length > 0
        ? [`- ${link("Views", "#views")}: ${views.map(({ name }) => code(name)).join(", ")}`]
        : []),
      ...(proven.length > 0 ? [`- ${link("Queries and their plans", "#queries-and-their-plans")}`] : []),
      ...proven.map(({ query }) => `  - ${link(query.title, `#${anchor(query.title)}`)}`),
    ].join("\n"),
    tables.length > 1
      ? blocks(
          "## Relations",
          "Columns of keys only; a line is a foreign key.",
          codeBlock("mermaid", renderDiagram(schema)),
        )
      : undefined,
    "## Tables",
    indexFile &&
      `What an index is for that serves none of the queries below stands in ${link(`sql/${indexFile}`, `../../sql/${indexFile}`)}.`,
    ...tables.map((relation) => renderTable(schema.name, relation, proven)),
    views.length > 0
      ? blocks(
          "## Views",
          markdownTable(
            ["view", "columns", "what it shows"],
            views.map(({ name, columns, comment }) => [
              code(`${schema.name}.${name}`),
              columns.map((column) => code(column.name)).join(", "),
              text(comment ?? ""),
            ]),
          ),
        )
      : undefined,
    proven.length > 0
      ? blocks(
          "## Queries and their plans",
          `How they come about: ${link("the rows and the moment", "../schema.md#how-the-plans-come-about")}.`,
          ...proven.map(renderQuery),
        )
      : undefined,
  );
}

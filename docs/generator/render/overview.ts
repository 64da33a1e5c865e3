import type { Schema } from "../catalogue/model.ts";
import type { ProvenQuery } from "../plans/prove.ts";
import { markdownTable } from "../../../lib/text/markdownTable.ts";
import { anchor, blocks, code, codes, link, text } from "./markdown.ts";
import { title } from "./services.ts";
import { tableHeading } from "./table.ts";

/** Stands below the title of every page. */
export const GENERATED = "<!-- Written by `npm run docs:schema`, which reads a real server. Do not edit. -->";

/** What the page of one schema is made of. */
export interface SchemaPage {
  schema: Schema;
  proven: readonly ProvenQuery[];
  /** File of the schema's indexes in `sql/`. */
  indexFile?: string;
  /** Page in `docs/` that tells why the schema is as it is. */
  reasons?: string;
}

/** `docs/schema.md`: the schemas, what is partitioned and for how long it is kept, and which index serves which query. */
export function renderOverview(pages: readonly SchemaPage[], moment: string): string {
  return blocks(
    "# Tables, relations, indexes",
    GENERATED,
    "What is in the database, and which index serves which query of the requirements, as the server itself tells it.",
    [
      link("Schemas", "#schemas"),
      link("Partitions and retention", "#partitions-and-retention"),
      link("Which index serves which query", "#which-index-serves-which-query"),
      link("How the plans come about", "#how-the-plans-come-about"),
    ]
      .map((one) => `- ${one}`)
      .join("\n"),
    "## Schemas",
    pages.map(schemaEntry).join("\n"),
    "A table that names a row of another schema does so without a foreign key: services are deployed and write on their " +
      "own, and a trail outlives what it names. The ledger of applied SQL files, `deploy.ledger`, is described in " +
      `${link("components/migrations", "../components/migrations/README.md")}.`,
    "## Partitions and retention",
    "Months (UTC) are made ahead and dropped by a job every night. `partitions.premakeMonths` says how many are made " +
      "ahead, `partitions.retentionMonths` and `partitions.retention` for how many full months before the current one " +
      "rows are kept; here with the defaults.",
    markdownTable(["table", "partitioned by", "sub-partitions", "months kept"], pages.flatMap(partitionRows)),
    "## Which index serves which query",
    markdownTable(
      ["schema", "query", "served by", "in the requirements"],
      pages.flatMap(({ schema, proven }) =>
        proven.map(({ query, plan }) => [
          code(schema.name),
          link(query.title, `schema/${schema.name}.md#${anchor(query.title)}`),
          plan.indexes.length > 0 ? codes(plan.indexes) : "no index",
          text(query.source),
        ]),
      ),
    ),
    "## How the plans come about",
    `\`npm run docs:schema\` starts a server from the project's image, applies all SQL files, fills the tables with rows that are the same every time (\`docs/generator/examples/rows\`), vacuums and analyzes them, and asks for the plan of each query (\`docs/generator/seedQueries\`) as the service's own login. It fails where a plan reads another index than the list says, so each line of the table above is proven; a test says when the pages are no longer what the server tells.`,
    [
      "- Tables go by their names alone, as in the requirements: the schema is in the search path.",
      `- \`now()\` stands still at ${moment.slice(0, 16)} UTC. Rows are spread over March to June 2025, so partitioned tables have four months here.`,
      "- A partition goes by the name of its table, and its index by that of the table's index. Partitions that are read alike are shown once.",
      "- `Subplans Removed` are partitions that were pruned when the query started, because only then `now()` is known; those pruned by a constant are not in a plan at all. A stack has more months; those that are pruned are not read.",
      "- Planner settings are those that a stack has on an SSD, without parallel workers: `random_page_cost` 1.1, `jit` off. Costs and times are left out: they differ from machine to machine.",
      "- Small tables hold more rows here than a service will have. With few rows the server reads the whole table, which is then the cheapest way.",
    ].join("\n"),
  );
}

function schemaEntry({ schema, reasons }: SchemaPage): string {
  const tables = schema.relations.filter(({ kind }) => kind !== "view");
  const links = tables.map((one) =>
    link(code(one.name), `schema/${schema.name}.md#${anchor(tableHeading(schema.name, one))}`),
  );
  const why = reasons ? ` (${link("why it is as it is", reasons)})` : "";
  return `- **${link(title(schema.name), `schema/${schema.name}.md`)}**${why}: ${links.join(", ")}`;
}

function partitionRows({ schema }: SchemaPage): string[][] {
  return schema.relations.flatMap(({ name, partitioning }) =>
    partitioning
      ? [
          [
            code(`${schema.name}.${name}`),
            code(partitioning.key),
            partitioning.listColumn ? `by ${code(partitioning.listColumn)}` : "none",
            partitioning.retentionMonths === undefined ? "all" : String(partitioning.retentionMonths),
          ],
        ]
      : [],
  );
}

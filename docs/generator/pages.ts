import { existsSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { SERVICE_SCHEMAS } from "../../lib/names.ts";
import { readSchema } from "./catalogue/read.ts";
import { MOMENT } from "./examples/moment.ts";
import { standAtMoment, type AppliedDatabase } from "./examples/prepare.ts";
import { PlanFault, proveQuery, type ProvenQuery } from "./plans/prove.ts";
import type { SeedQuery } from "./plans/seedQuery.ts";
import { renderOverview, type SchemaPage } from "./render/overview.ts";
import { renderSchemaPage } from "./render/schemaPage.ts";

/** Holds no service's tables, but those that the services' partitions are kept by. */
const SHARED_SCHEMA = "platform";
const PROJECT = join(import.meta.dirname, "../..");

/**
 * The pages by their path in `docs/`, as Prettier formats them: the same whenever the SQL files are the same.
 *
 * @param database  filled by `prepareExamples`
 * @throws PlanFault that tells of every query which is not served as the list says
 */
export async function schemaPages(
  database: AppliedDatabase,
  queries: readonly SeedQuery[],
): Promise<Map<string, string>> {
  const superuser = await database.connect();
  const pages: SchemaPage[] = [];
  const faults: string[] = [];
  for (const name of [...SERVICE_SCHEMAS, SHARED_SCHEMA]) {
    const own = queries.filter(({ schema }) => schema === name);
    const { proven, faults: found } = await proveQueries(database, name, own);
    faults.push(...found);
    const schema = await readSchema(superuser, name);
    pages.push({
      schema,
      proven,
      reasons: ifThere("docs", `${name}.md`),
      indexFile: ifThere("sql", `${name}/R__indexes.sql`),
    });
  }
  if (faults.length > 0) throw new PlanFault(faults.join("\n\n"));
  const rendered = new Map([["schema.md", renderOverview(pages, MOMENT)]]);
  for (const page of pages) rendered.set(`schema/${page.schema.name}.md`, renderSchemaPage(page));
  const formatted = [...rendered].map(
    async ([file, page]) => [file, await format(page, { parser: "markdown", printWidth: 110 })] as const,
  );
  return new Map(await Promise.all(formatted));
}

function ifThere(folder: string, file: string): string | undefined {
  return existsSync(join(PROJECT, folder, file)) ? file : undefined;
}

/** Asks the queries of a schema as its service. */
async function proveQueries(
  database: AppliedDatabase,
  schema: string,
  queries: readonly SeedQuery[],
): Promise<{ proven: ProvenQuery[]; faults: string[] }> {
  const proven: ProvenQuery[] = [];
  const faults: string[] = [];
  if (queries.length === 0) return { proven, faults };
  const service = await database.connect(`${schema}_service`);
  await standAtMoment(service, schema);
  for (const query of queries) {
    try {
      proven.push(await proveQuery(service, query));
    } catch (error) {
      if (!(error instanceof PlanFault)) throw error;
      faults.push(error.message);
    }
  }
  return { proven, faults };
}

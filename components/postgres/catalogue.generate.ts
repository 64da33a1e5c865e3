import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { inSession } from "../../lib/postgres/session.ts";

/**
 * Writes `catalogue.json` from a running server, so that no list of parameters is kept by hand:
 *
 *     node components/postgres/catalogue.generate.ts postgresql://postgres@127.0.0.1:5432/postgres
 *
 * The server must preload the libraries of `PRELOADED_LIBRARIES`; the password comes from `PGPASSWORD`.
 */
export interface CatalogueRow {
  type: "bool" | "enum" | "integer" | "real" | "string";
  context: string;
  category: string;
  unit?: string;
  min?: number;
  max?: number;
  values?: string[];
}

export interface ServerCatalogue {
  /** Such as `15.20`: whose parameters these are. */
  version: string;
  parameters: Record<string, CatalogueRow>;
}

/** Its greatest value is the server's own `max_connections`, not a property of the parameter. */
const LIMITED_BY_SERVER = new Set(["cron.max_running_jobs"]);

/** What a server itself says about its parameters, by name. The connection needs no special right. */
export async function readCatalogue(client: pg.ClientBase): Promise<ServerCatalogue> {
  // A library that is not preloaded has its parameters only in sessions that loaded it.
  const { rows } = await client.query(
    `SELECT name, vartype, context, category, unit, min_val, max_val, enumvals
       FROM pg_catalog.pg_settings
      WHERE category <> 'Customized Options' OR name ~ '^(pg_stat_statements|auto_explain|cron|pgaudit)[.]'
      ORDER BY name COLLATE "C"`,
  );
  const version = await client.query("SHOW server_version");
  return {
    version: String(version.rows[0].server_version).split(" ")[0] ?? "",
    parameters: Object.fromEntries(
      rows.map((row) => [
        row.name,
        {
          type: row.vartype,
          context: row.context,
          category: row.category,
          ...(row.unit !== null && { unit: row.unit }),
          ...(row.min_val !== null && { min: Number(row.min_val) }),
          ...(row.max_val !== null && !LIMITED_BY_SERVER.has(row.name) && { max: Number(row.max_val) }),
          ...(row.enumvals !== null && { values: row.enumvals }),
        },
      ]),
    ),
  };
}

/** Laid out as every other file of the project, so that a new PostgreSQL shows as a diff that can be read. */
export async function renderCatalogue(catalogue: ServerCatalogue): Promise<string> {
  const { format, resolveConfig } = await import("prettier");
  const options = await resolveConfig(fileURLToPath(import.meta.url));
  const json = `{"version":${JSON.stringify(catalogue.version)},"parameters":{\n${Object.entries(
    catalogue.parameters,
  )
    .map(([name, row]) => `${JSON.stringify(name)}: ${JSON.stringify(row)}`)
    .join(",\n")}}}`;
  return format(json, { ...options, parser: "json" });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const catalogue = await inSession({ at: process.argv[2]! }, readCatalogue);
  writeFileSync(new URL("catalogue.json", import.meta.url), await renderCatalogue(catalogue));
}

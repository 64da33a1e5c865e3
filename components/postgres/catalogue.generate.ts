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

/** Names that are values of parameters, and that a server takes only where its image has them. */
export interface ImageNames {
  /** By area, with blanks between: `{ Europe: "Athens Berlin" }`; those without an area under `""`. */
  timeZones: Record<string, string>;
  timeZoneAbbreviations: string[];
  locales: string[];
  textSearchConfigurations: string[];
}

export interface ServerCatalogue {
  /** Such as `15.20`: whose parameters these are. */
  version: string;
  names: ImageNames;
  parameters: Record<string, CatalogueRow>;
}

/** Its greatest value is the server's own `max_connections`, not a property of the parameter. */
const LIMITED_BY_SERVER = new Set(["cron.max_running_jobs"]);

/** What a server itself says about its parameters, by name, to a superuser. */
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
    names: await readNames(client),
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

async function readNames(client: pg.ClientBase): Promise<ImageNames> {
  const column = async (sql: string): Promise<string[]> => {
    const { rows } = await client.query<[string]>({ text: sql, rowMode: "array" });
    return rows.map(([name]) => name);
  };
  const timeZones: Record<string, string> = {};
  // `posix/…` are the same again, and the others are what a host makes of itself.
  for (const zone of await column(
    `SELECT name FROM pg_catalog.pg_timezone_names
      WHERE name !~ '^(posix|right)/' AND name NOT IN ('localtime', 'posixrules', 'Factory') ORDER BY name COLLATE "C"`,
  )) {
    const area = zone.slice(0, Math.max(zone.indexOf("/"), 0));
    const name = area === "" ? zone : zone.slice(area.length + 1);
    timeZones[area] = timeZones[area] === undefined ? name : `${timeZones[area]} ${name}`;
  }
  return {
    timeZones,
    timeZoneAbbreviations: await column(
      `SELECT file FROM pg_catalog.pg_config, pg_catalog.pg_ls_dir(setting || '/timezonesets') AS file
        WHERE name = 'SHAREDIR' AND file !~ '[.]' ORDER BY file COLLATE "C"`,
    ),
    locales: await column(
      `SELECT DISTINCT collcollate COLLATE "C" FROM pg_catalog.pg_collation
        WHERE collprovider = 'c' AND collencoding IN (-1, pg_catalog.pg_char_to_encoding('UTF8')) ORDER BY 1`,
    ),
    textSearchConfigurations: await column(
      `SELECT cfgname FROM pg_catalog.pg_ts_config WHERE oid < 16384 ORDER BY cfgname COLLATE "C"`,
    ),
  };
}

/** Laid out as every other file of the project, so that a new PostgreSQL shows as a diff that can be read. */
export async function renderCatalogue(catalogue: ServerCatalogue): Promise<string> {
  const { format, resolveConfig } = await import("prettier");
  const options = await resolveConfig(fileURLToPath(import.meta.url));
  const { version, names } = catalogue;
  const json = `{"version":${JSON.stringify(version)},"names":${JSON.stringify(names)},"parameters":{\n${Object.entries(
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

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheTtlSeconds, poolDefaults } from "../../../components/stack/defaults.ts";
import { SERVICE_SCHEMAS, type ServiceSchema } from "../../../lib/names.ts";
import { ROOT } from "./pageFaults.ts";
import { REQUIRED_INDEXES, REQUIREMENTS, requiredRows } from "./requirementsPage.ts";

function sqlOf(schema: ServiceSchema): string {
  const folder = join(ROOT, "sql", schema);
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
}

/** The indexes that the SQL files of a schema make, as the page writes them: without the columns of INCLUDE. */
function madeIndexes(schema: ServiceSchema): Map<string, string> {
  const statement = /INDEX CONCURRENTLY IF NOT EXISTS (\w+)\s+ON \w+\.([^;]+);/g;
  return new Map(
    [...sqlOf(schema).matchAll(statement)].map(([, name = "", on = ""]) => [
      name,
      on.replaceAll(/ INCLUDE \([^)]*\)|"/g, ""),
    ]),
  );
}

test.each(SERVICE_SCHEMAS)("each index that the page requires of %s is made as it says", (schema) => {
  const made = madeIndexes(schema);
  // A constraint, as the page says.
  const required = REQUIRED_INDEXES.filter((one) => one.schema === schema && !one.on.includes("USING hash"));
  expect(required.length).toBeGreaterThan(0);
  expect(required.map(({ name }) => [name, made.get(name)])).toEqual(
    required.map(({ name, on }) => [name, on]),
  );
});

test("the page requires 54 indexes, each once", () => {
  expect(new Set(REQUIRED_INDEXES.map(({ schema, name }) => `${schema}.${name}`)).size).toBe(54);
});

/** The tables that the page names in the section of a schema. */
function requiredTables(schema: ServiceSchema): string[] {
  if (schema === "dgm") return requiredRows("table").map(({ table }) => table!);
  const section = new RegExp(`^### \`${schema}\`\\n\\nTables: (.*?)\\. `, "ms").exec(REQUIREMENTS)?.[1] ?? "";
  return [...section.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
}

test.each(SERVICE_SCHEMAS)("each table that the page requires of %s is there", (schema) => {
  const sql = sqlOf(schema);
  const tables = requiredTables(schema);
  expect(tables.length).toBeGreaterThanOrEqual(5);
  expect(tables.filter((name) => !sql.includes(`CREATE TABLE ${schema}.${name} (`))).toEqual([]);
});

test("pools are those of the configuration's defaults", () => {
  const shown = requiredRows("login").map((row) => [
    row["login"],
    `${row["min"]}, ${row["max"]}`,
    row["PgBouncer: size + reserve, clients"],
  ]);
  expect(shown).toHaveLength(7);
  expect(shown).toEqual(
    shown.map(([login]) => {
      const { size, reserve, maxClients } = poolDefaults[login as keyof typeof poolDefaults];
      return [login, `${size}, ${maxClients}`, `${size} + ${reserve}, ${maxClients}`];
    }),
  );
});

test("TTLs are those of the configuration's defaults", () => {
  const shown = requiredRows("kind").map((row) => [row["output cache"], Number(row["seconds"])]);
  expect(Object.fromEntries(shown)).toEqual(cacheTtlSeconds);
});

test("no row of a table is longer than 160 characters", () => {
  expect(REQUIREMENTS.split("\n").filter((line) => line.startsWith("|") && line.length > 160)).toEqual([]);
});

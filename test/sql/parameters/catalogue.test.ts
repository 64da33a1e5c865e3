import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import catalogue from "../../../components/postgres/catalogue.json" with { type: "json" };
import { IMAGE_NAMES } from "../../../components/postgres/catalogue.ts";
import { readCatalogue } from "../../../components/postgres/catalogue.generate.ts";
import { LOADABLE } from "../../../components/postgres/parameterFaults.ts";

let client: pg.Client;

beforeAll(async () => {
  const { host, port, superuserPassword: password } = inject("sqlServer");
  client = new pg.Client({ host, port, user: "postgres", password, database: "postgres" });
  await client.connect();
});
afterAll(() => client?.end());

test("the catalogue is what the image's server says about its parameters and names", async () => {
  expect(await readCatalogue(client)).toEqual(catalogue);
});

test("the server takes every name of the catalogue", async () => {
  const {
    timeZones,
    locales,
    timeZoneAbbreviations: sets,
    textSearchConfigurations: configurations,
  } = IMAGE_NAMES;
  for (const [parameter, names] of Object.entries({
    TimeZone: timeZones,
    lc_messages: locales,
    lc_monetary: locales,
    lc_numeric: locales,
    lc_time: locales,
    timezone_abbreviations: sets,
    default_text_search_config: configurations,
  })) {
    await client.query("SELECT set_config($1, name, false) FROM unnest($2::text[]) AS name", [
      parameter,
      names,
    ]);
  }
});

test("the image has every library that may be preloaded", async () => {
  const { rows } = await client.query<{ file: string }>(
    "SELECT file FROM pg_config, pg_ls_dir(setting) AS file WHERE name = 'PKGLIBDIR'",
  );
  expect(rows.map(({ file }) => file)).toEqual(expect.arrayContaining(LOADABLE.map((name) => `${name}.so`)));
});

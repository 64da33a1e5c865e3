import pg from "pg";
import { expect, inject, test } from "vitest";
import catalogue from "../../../components/postgres/catalogue.json" with { type: "json" };
import { readCatalogue } from "../../../components/postgres/catalogue.generate.ts";

test("the catalogue is what the image's server says about its parameters", async () => {
  const { host, port, superuserPassword: password } = inject("sqlServer");
  const client = new pg.Client({ host, port, user: "postgres", password, database: "postgres" });
  await client.connect();
  try {
    expect(await readCatalogue(client)).toEqual(catalogue);
  } finally {
    await client.end();
  }
});

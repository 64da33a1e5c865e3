import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { check } from "prettier";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SERVICE_SCHEMAS } from "../../../lib/names.ts";
import { prepareExamples, standAtMoment } from "../../../docs/generator/examples/prepare.ts";
import { schemaPages } from "../../../docs/generator/pages.ts";
import { proveQuery } from "../../../docs/generator/plans/prove.ts";
import type { SeedQuery } from "../../../docs/generator/plans/seedQuery.ts";
import { SEED_QUERIES } from "../../../docs/generator/seedQueries/index.ts";
import { startAppliedDatabase, type StackDatabase } from "../../../testing/sqlServer.ts";

const DOCS = join(import.meta.dirname, "../../../docs");

let database: StackDatabase;
let pages: Map<string, string>;
let service: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase(...SERVICE_SCHEMAS);
  await prepareExamples(database, SERVICE_SCHEMAS);
  pages = await schemaPages(database, SEED_QUERIES);
  service = await database.connect("dgm_service");
  await standAtMoment(service, "dgm");
});
afterAll(() => database?.stop());

test("the committed pages are what the server tells: if not, run npm run docs:schema", () => {
  const committed = ["schema.md", ...globSync("schema/*.md", { cwd: DOCS })];
  expect(committed.sort()).toEqual([...pages.keys()].sort());
  for (const [file, page] of pages) {
    const path = join(DOCS, file);
    expect.soft(existsSync(path) ? readFileSync(path, "utf8") : "", file).toBe(page);
  }
});

test("Prettier has nothing to say about them", async () => {
  for (const [file, page] of pages)
    expect([file, await check(page, { parser: "markdown", printWidth: 110 })]).toEqual([file, true]);
});

const arm: SeedQuery = {
  schema: "dgm",
  title: "State of an arm",
  source: "",
  sql: "SELECT * FROM bandit_states WHERE context_key = $1 AND arm_id = 'arm_1'",
  values: ["SELECT min(context_key) FROM bandit_states"],
  indexes: ["idx_bandit_states_context_arm"],
};

test("a query is proven by the index that the list names", async () => {
  const { plan } = await proveQuery(service, arm);
  expect(plan.lines).toEqual([
    "Index Scan using idx_bandit_states_context_arm on bandit_states",
    "  Index Cond: ((context_key = $1) AND (arm_id = 'arm_1'::text))",
  ]);
});

test("one that another index serves fails, with the query and its plan", async () => {
  const proof = proveQuery(service, { ...arm, indexes: ["idx_bandit_states_context_reward"] });
  await expect(proof).rejects.toMatchObject({
    name: "PlanFault",
    message: expect.stringMatching(
      /^dgm: the query "State of an arm" is to be served by idx_bandit_states_context_reward, but the plan reads idx_bandit_states_context_arm\.\n\nSELECT[^]*\n\nIndex Scan/,
    ),
  });
});

test("the pages are not made where queries are served otherwise, and every one is told", async () => {
  const wrong = SEED_QUERIES.filter(
    ({ title }) => title === "Latest decisions" || title === "Latest metrics",
  );
  const queries = wrong.map((query) => ({ ...query, indexes: ["idx_that_is_not"] }));
  const made = schemaPages(database, queries);
  await expect(made).rejects.toThrow(/pgc: the query "Latest decisions" is to be served by idx_that_is_not/);
  await expect(made).rejects.toThrow(/ec: the query "Latest metrics" is to be served by idx_that_is_not/);
});

test("one whose index is gone fails as the table is read whole", async () => {
  const superuser = await database.connect();
  await superuser.query("BEGIN");
  try {
    await superuser.query(
      "DROP INDEX dgm.idx_bandit_states_context_arm, dgm.idx_bandit_states_context_reward",
    );
    await superuser.query(
      "ALTER TABLE dgm.bandit_states DROP CONSTRAINT bandit_states_context_arm_algorithm_key",
    );
    await superuser.query("SET LOCAL ROLE dgm_service");
    await superuser.query("SET LOCAL search_path = dgm, pg_catalog");
    await expect(proveQuery(superuser, arm)).rejects.toThrow(
      "but the plan reads no index, and is not to read all of bandit_states",
    );
  } finally {
    await superuser.query("ROLLBACK");
  }
});

test("a value that is not there is told", async () => {
  const values = ["SELECT min(context_key) FROM bandit_states WHERE false"];
  await expect(proveQuery(service, { ...arm, values })).rejects.toThrow(
    "State of an arm: SELECT min(context_key) FROM bandit_states WHERE false finds no value",
  );
});

test("now() stands still for the queries, and prunes when they start", async () => {
  const { rows } = await service.query("SELECT now()::text AS now");
  expect(rows).toEqual([{ now: "2025-06-15 12:00:00+00" }]);
  const recent = SEED_QUERIES.find(({ title }) => title === "Recent metrics");
  const { plan } = await proveQuery(service, recent!);
  expect(plan.lines[0]).toBe("Append (Subplans Removed: 2)");
  expect(plan.partitions).toEqual([{ table: "performance_metrics", planned: 2, of: 4 }]);
});

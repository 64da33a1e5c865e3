import { expect, test } from "vitest";
import { SERVICE_SCHEMAS } from "../../../lib/names.ts";
import { REQUIRED_INDEXES } from "../docs/requirementsPage.ts";
import { SEED_QUERIES } from "../../../docs/generator/seedQueries/index.ts";

test.each(SERVICE_SCHEMAS)("each index that is required of %s serves a query", (schema) => {
  const serving = SEED_QUERIES.filter((query) => query.schema === schema).flatMap(({ indexes }) => indexes);
  const required = REQUIRED_INDEXES.filter((index) => index.schema === schema).map(({ name }) => name);
  expect(required.length).toBeGreaterThan(0);
  expect(required.filter((index) => !serving.includes(index))).toEqual([]);
});

test("a title is the only one of its schema: it is an anchor", () => {
  const titles = SEED_QUERIES.map(({ schema, title }) => `${schema}: ${title}`);
  expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
});

test("what no index serves, or what reads a whole table, has its reason", () => {
  const plain = SEED_QUERIES.filter(
    ({ indexes, readsWhole = [], note }) => (indexes.length === 0 || readsWhole.length > 0) && !note,
  );
  expect(plain).toEqual([]);
});

test("the requirements' three slow queries are asked as they were written", () => {
  const spaced = (sql: string) => sql.replaceAll(/\s+/g, " ").trim();
  const asked = SEED_QUERIES.map(({ sql }) => spaced(sql));
  expect(asked).toContain(
    "SELECT * FROM policy_decisions WHERE created_at > NOW() - INTERVAL '1 hour' ORDER BY created_at DESC",
  );
  expect(asked).toContain(
    "SELECT * FROM audit_logs WHERE user_id = $1 AND action LIKE '%policy%' ORDER BY created_at DESC",
  );
  expect(asked).toContain(
    "SELECT AVG(compliance_score) FROM compliance_checks WHERE created_at > NOW() - INTERVAL '1 day' GROUP BY principle_id",
  );
});

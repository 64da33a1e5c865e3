import fc from "fast-check";
import { format } from "prettier";
import { expect, test } from "vitest";
import { anchor, code, text } from "../../../docs/generator/render/markdown.ts";
import { markdownTable } from "../../../lib/text/markdownTable.ts";
import { shortExpression, shortType } from "../../../docs/generator/render/sqlText.ts";
import { tablesOf } from "./pageText.ts";

test("a table has the cells it was given, whatever they hold, also when Prettier has aligned it", async () => {
  const anything = fc
    .string({ unit: fc.constantFrom(..."a1 |`_*\\<$") })
    .filter((value) => !value.includes("\\|"));
  const cell = fc.oneof(
    anything.map((value) => code(`x${value}x`)),
    anything.map((value) => text(`x${value}x`)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 4 }), async (rows) => {
      const page = await format(markdownTable(["one", "two"], rows), { parser: "markdown", printWidth: 110 });
      const [found = []] = tablesOf(page);
      expect(found.map((row) => row.length)).toEqual(Array(rows.length + 2).fill(2));
    }),
    { numRuns: 50 },
  );
});

test("columns are aligned where that is asked for, by characters", () => {
  const rows = [
    ["a", "äöü"],
    ["😀😀😀😀", "b"],
  ];
  expect(markdownTable(["one", "two"], rows, { aligned: true }).split("\n")).toEqual([
    "| one  | two |",
    "| ---- | --- |",
    "| a    | äöü |",
    "| 😀😀😀😀 | b   |",
  ]);
});

test("a pipe is part of its cell", () => {
  expect(tablesOf(markdownTable(["a", "b"], [[code("x || 'y'"), "z"]]))).toEqual([
    [
      ["a", "b"],
      ["---", "---"],
      ["`x || 'y'`", "z"],
    ],
  ]);
});

test("a backslash before a pipe in code is refused: GitHub's tables cannot hold it", () => {
  expect(() => markdownTable(["a"], [["`\\|`"]])).toThrow("cannot stand in a table");
});

test("what a comment says is no mark-up", () => {
  expect(text("<table>_y2025m06, improvement_id, *all*, $argon2id$, _x_")).toBe(
    "\\<table>\\_y2025m06, improvement_id, \\*all\\*, \\$argon2id\\$, \\_x\\_",
  );
});

test.each([
  ["a", "`a`"],
  ["`a`", "`` `a` ``"],
  ["a``b", "```a``b```"],
])("code %s is %s", (value, expected) => {
  expect(code(value)).toBe(expected);
});

test.each([
  ["`dgm.bandit_states`", "dgmbandit_states"],
  ["A service's metrics of one type", "a-services-metrics-of-one-type"],
  ["Darwin Gödel Machine: schema `dgm`", "darwin-gödel-machine-schema-dgm"],
])("the anchor of %s is %s, as on GitHub", (heading, expected) => {
  expect(anchor(heading)).toBe(expected);
});

test.each([
  ["CHECK (status = ANY (ARRAY['a'::text, 'it''s'::text]))", "CHECK (status IN ('a', 'it''s'))"],
  ["'{}'::jsonb", "'{}'"],
  ["'{}'::uuid[]", "'{}'"],
  ["CHECK (a >= 0::double precision AND b > 0.5::numeric)", "CHECK (a >= 0 AND b > 0.5)"],
  ["array_position(models, NULL::text)", "array_position(models, NULL)"],
  [
    "CHECK ( CASE a WHEN 'x''::text'::text THEN b::text END)",
    "CHECK (CASE a WHEN 'x''::text' THEN b::text END)",
  ],
  ["nextval('dgm.m_id_seq'::regclass)", "nextval('dgm.m_id_seq')"],
  ["CASE\n    WHEN a THEN 'x'::text\nEND", "CASE WHEN a THEN 'x' END"],
])("%s reads %s", (printed, expected) => {
  expect(shortExpression(printed)).toBe(expected);
});

test("types have their usual names", () => {
  expect(shortType("timestamp with time zone")).toBe("timestamptz");
  expect(shortType("numeric(3,2)")).toBe("numeric(3,2)");
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sqlFiles } from "../../../components/migrations/sqlDirectory.ts";
import { ruleFaults } from "../../../components/migrations/ruleFaults.ts";
import { SQL_RULES } from "../../../components/migrations/sqlRules.ts";
import type { RuleName } from "../../../components/migrations/sqlRules.ts";

/** The rules that files break, given one after the other, each versioned unless it says that it is concurrent. */
async function broken(...texts: string[]): Promise<string[]> {
  const contents = Object.fromEntries(texts.map((text, i) => [`V00${i + 1}__x.sql`, text]));
  return ruleFaults(await sqlFiles(contents, "sql/app", {})).map(
    ({ file, line, rule }) => `${file}:${line} ${rule}`,
  );
}

const TABLE = "CREATE TABLE a.t (x int, y int); CREATE TABLE a.m (x int) PARTITION BY RANGE (x)";
const CHECK = "ALTER TABLE a.t ADD CONSTRAINT c CHECK (x IS NOT NULL) NOT VALID";
const BOUNDS = "ALTER TABLE a.t ADD CONSTRAINT c CHECK (x >= 1 AND x < 5) NOT VALID";
const VALIDATE = "ALTER TABLE a.t VALIDATE CONSTRAINT c";
const NOT_NULL = 'ALTER TABLE a.t ALTER COLUMN "x" SET NOT NULL, DROP CONSTRAINT c';
const ATTACH = "ALTER TABLE a.m ATTACH PARTITION a.t FOR VALUES FROM (1) TO (5)";

/** What breaks each rule, as the last file of several … */
const bad: Record<RuleName, string[][]> = {
  "set-not-null-without-check": [
    [TABLE, "ALTER TABLE a.t ALTER x SET NOT NULL"],
    [TABLE, CHECK, NOT_NULL],
    // Of another column, of another table, dropped again, or no proof.
    [TABLE, CHECK, VALIDATE, "ALTER TABLE a.t ALTER COLUMN y SET NOT NULL"],
    [TABLE, CHECK, VALIDATE, "ALTER TABLE a.u ALTER COLUMN x SET NOT NULL"],
    [TABLE, CHECK, VALIDATE, "ALTER TABLE a.t DROP CONSTRAINT c", "ALTER TABLE a.t ALTER x SET NOT NULL"],
    [TABLE, CHECK.replace("(x IS", "(y > 0 OR x IS"), VALIDATE, NOT_NULL],
  ],
  "attach-without-check": [
    [TABLE, ATTACH],
    [TABLE, BOUNDS, ATTACH],
    [TABLE, BOUNDS.replace("5", "6"), VALIDATE, ATTACH],
    [TABLE, BOUNDS, VALIDATE, "ALTER TABLE a.m ATTACH PARTITION a.t DEFAULT"],
  ],
  "partition-of": [[TABLE, "CREATE TABLE a.p PARTITION OF a.m FOR VALUES FROM (1) TO (2)"]],
  "add-column-with-check": [
    [TABLE, "ALTER TABLE a.t ADD COLUMN z int CHECK (z > 0)"],
    [TABLE, "ALTER TABLE a.t ADD z int CONSTRAINT z_positive CHECK (z > 0)"],
  ],
  "whole-table-change": [
    [TABLE, "UPDATE a.t SET x = 1"],
    [TABLE, "UPDATE ONLY a.t AS t SET x = s.x FROM (SELECT x FROM a.u WHERE x > 1) AS s"],
    [TABLE, "DELETE FROM a.t WHERE true"],
    [TABLE, "DELETE FROM a.t WHERE 1 = 1"],
    [TABLE, "WITH gone AS (DELETE FROM a.t RETURNING x) SELECT count(*) FROM gone"],
    [TABLE, "WITH n AS (SELECT 1 AS x) UPDATE a.t SET x = (SELECT x FROM n WHERE n.x = 1)"],
    [TABLE, "MERGE INTO a.t USING a.u ON true WHEN MATCHED THEN UPDATE SET x = u.x"],
    [TABLE, "-- acgs: concurrent\nDELETE FROM a.t"],
  ],
  "locks-for-long": [
    [TABLE, "TRUNCATE a.t"],
    [TABLE, "LOCK TABLE a.t IN SHARE MODE"],
    [TABLE, "REFRESH MATERIALIZED VIEW a.v"],
    [TABLE, "CLUSTER a.t USING i"],
    [TABLE, "-- acgs: concurrent\nVACUUM (VERBOSE, FULL) a.t"],
    [TABLE, "-- acgs: concurrent\nVACUUM FULL"],
    [TABLE, "ALTER TABLE a.t SET UNLOGGED"],
    [TABLE, "ALTER TABLE a.t SET TABLESPACE fast"],
  ],
  "lock-then-work": [
    [TABLE, `${CHECK};${VALIDATE}`],
    [TABLE, `${CHECK}, VALIDATE CONSTRAINT c`],
    [TABLE, "ALTER TABLE a.t ADD COLUMN z int; UPDATE a.u SET z = 1 WHERE x = 1"],
    [TABLE, "DROP INDEX a.i; WITH n AS (SELECT 1) INSERT INTO a.u (x) SELECT x FROM a.t"],
    [TABLE, "CREATE TABLE a.n (x int REFERENCES a.t (x)); INSERT INTO a.n (x) SELECT x FROM a.t"],
  ],
};
test.each(Object.entries(bad).flatMap(([rule, cases]) => cases.map((files) => [rule, files] as const)))(
  "%s: %j",
  async (rule, files) => {
    expect(await broken(...files)).toEqual([
      `V00${files.length}__x.sql:${files.at(-1)!.includes("acgs:") ? 2 : 1} ${rule}`,
    ]);
  },
);

/** … and what breaks none. */
test.each([
  [TABLE, CHECK, VALIDATE, NOT_NULL],
  [TABLE, `-- acgs: concurrent\n${CHECK};\n${VALIDATE};\n${NOT_NULL};`],
  ["CREATE TABLE a.t (x int, CONSTRAINT c CHECK (x IS NOT NULL))", "ALTER TABLE a.t ALTER x SET NOT NULL"],
  [TABLE, BOUNDS, VALIDATE, ATTACH],
  [TABLE, "CREATE TABLE a.n (LIKE a.m); ALTER TABLE a.m ATTACH PARTITION a.n FOR VALUES FROM (1) TO (5)"],
  [
    `${TABLE}; CREATE TABLE a.p PARTITION OF a.m FOR VALUES FROM (1) TO (2); ALTER TABLE a.t ALTER x SET NOT NULL;
    UPDATE a.t SET x = 1; TRUNCATE a.t; ALTER TABLE a.t ADD COLUMN z int CHECK (z > 0); DELETE FROM a.t`,
  ],
  [TABLE, "UPDATE a.t SET x = 1 WHERE x = 2; DELETE FROM a.t USING a.u WHERE t.x = u.x"],
  [TABLE, "MERGE INTO a.t USING a.u ON t.x = u.x WHEN MATCHED THEN DELETE"],
  [TABLE, "MERGE INTO a.t USING a.u ON false WHEN NOT MATCHED THEN INSERT (x) VALUES (u.x)"],
  [
    TABLE,
    "CREATE FUNCTION a.f() RETURNS void BEGIN ATOMIC DELETE FROM a.t; END; PREPARE p AS DELETE FROM a.t",
  ],
  [
    TABLE,
    "ALTER TABLE a.t ADD COLUMN z int; INSERT INTO a.t (x) VALUES (1); COMMENT ON TABLE a.t IS 'UPDATE a.t SET x'",
  ],
  [
    TABLE,
    "CREATE MATERIALIZED VIEW a.v AS SELECT 1; REFRESH MATERIALIZED VIEW a.v",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY a.v",
  ],
  [TABLE, "-- acgs: concurrent\nVACUUM ANALYZE a.t"],
])("no rule: %j %j", async (...files) => {
  expect(await broken(...files.filter(Boolean))).toEqual([]);
});

test("a rule is excepted by a comment right before the statement that names it and says why", async () => {
  const excepted = (comment: string): Promise<string[]> =>
    broken(TABLE, `SELECT 1;\n${comment}\nUPDATE a.t SET x = 1;`);
  expect(await excepted("-- ten rows\n-- lint-ignore whole-table-change ten rows")).toEqual([]);
  expect(await excepted("-- lint-ignore whole-table-change\n-- ten rows")).toEqual([
    "V002__x.sql:4 exception",
    "V002__x.sql:4 whole-table-change",
  ]);
  expect(await excepted("-- lint-ignore no-such-rule ten rows")).toEqual([
    "V002__x.sql:3 exception",
    "V002__x.sql:3 whole-table-change",
  ]);
  expect(await excepted("-- lint-ignore partition-of x\n-- lint-ignore whole-table-change x")).toEqual([
    "V002__x.sql:4 exception",
  ]);
  expect(
    await broken(TABLE, "-- lint-ignore whole-table-change x\nSELECT 1;\nUPDATE a.t SET x = 1;"),
  ).toEqual(["V002__x.sql:2 exception", "V002__x.sql:3 whole-table-change"]);
});

test("a fault says what happens and what to do instead", async () => {
  const files = await sqlFiles(
    { "V001__x.sql": "SELECT 1;\n  ALTER TABLE a.t ALTER COLUMN x SET NOT NULL" },
    "sql/app",
    {},
  );
  expect(ruleFaults(files)).toEqual([
    {
      file: "V001__x.sql",
      line: 2,
      column: 3,
      rule: "set-not-null-without-check",
      message:
        "reads all of a.t while nobody may use it: first a CHECK (x IS NOT NULL) NOT VALID, then VALIDATE it, each in a file of its own",
    },
  ]);
});

test("every rule is written down", () => {
  const readme = readFileSync("components/migrations/README.md", "utf8");
  expect(Object.keys(SQL_RULES).filter((rule) => !readme.includes(`\`${rule}\``))).toEqual([]);
});

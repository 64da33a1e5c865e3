import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { brokenRules, squawkRuns } from "../../../cli/lintSql.ts";

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), "acgs-lint-test-"))));
afterEach(() => rm(directory, { recursive: true }));

/** What squawk says of files by name, with the project's settings: the rules that each breaks. */
async function squawk(files: Record<string, string>): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = Object.fromEntries(Object.keys(files).map((name) => [name, []]));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  for (const { script, args } of squawkRuns([directory])) {
    // It has an exit status when it finds something.
    const { stdout } = await promisify(execFile)(process.execPath, [
      join("node_modules", script),
      "--reporter",
      "json",
      ...args,
    ]).catch((error: { stdout: string }) => error);
    for (const { file, rule_name } of JSON.parse(stdout) as { file: string; rule_name: string }[]) {
      found[file.slice(directory.length + 1)]!.push(rule_name);
    }
  }
  return found;
}

/** The rules of squawk on which we rely, each with what breaks it. */
const relied: Record<string, string> = {
  "require-concurrent-index-creation": "CREATE INDEX i ON a.t (x)",
  "require-concurrent-index-deletion": "DROP INDEX a.i",
  "require-concurrent-reindex": "REINDEX TABLE a.t",
  "require-concurrent-partition-detach": "ALTER TABLE a.p DETACH PARTITION a.q",
  "adding-foreign-key-constraint": "ALTER TABLE a.t ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES a.u (x)",
  "constraint-missing-not-valid": "ALTER TABLE a.t ADD CONSTRAINT c CHECK (x > 0)",
  "disallowed-unique-constraint": "ALTER TABLE a.t ADD CONSTRAINT u UNIQUE (x)",
  "adding-serial-primary-key-field": "ALTER TABLE a.t ADD CONSTRAINT t_pkey PRIMARY KEY (x)",
  "adding-required-field": "ALTER TABLE a.t ADD COLUMN z int NOT NULL",
  "adding-field-with-default": "ALTER TABLE a.t ADD COLUMN z uuid DEFAULT gen_random_uuid()",
  "changing-column-type": "ALTER TABLE a.t ALTER COLUMN x TYPE bigint",
  "renaming-column": "ALTER TABLE a.t RENAME COLUMN x TO y",
  "renaming-table": "ALTER TABLE a.t RENAME TO u",
  "ban-drop-column": "ALTER TABLE a.t DROP COLUMN x",
  "ban-drop-table": "DROP TABLE a.t",
  "ban-drop-not-null": "ALTER TABLE a.t ALTER COLUMN x DROP NOT NULL",
  "ban-truncate-cascade": "TRUNCATE a.t CASCADE",
  "prefer-identity": "CREATE TABLE a.n (x bigserial)",
  "prefer-text-field": "CREATE TABLE a.n (x varchar(10))",
  "prefer-timestamp-tz": "CREATE TABLE a.n (x timestamp)",
  "ban-char-field": "CREATE TABLE a.n (x char(3))",
};

test("squawk finds what we rely on it to find", async () => {
  const name = (rule: string): string => `R__${rule.replaceAll("-", "_")}.sql`;
  const files = Object.fromEntries(Object.entries(relied).map(([rule, text]) => [name(rule), `${text};\n`]));
  const twice = "-- acgs: concurrent\nCREATE INDEX CONCURRENTLY i ON a.t (x);\n";
  const found = await squawk({ ...files, "R__twice.sql": twice });
  for (const rule of Object.keys(relied)) expect(found[name(rule)], rule).toContain(rule);
  // What cannot run twice, in a file that may have to.
  expect(found["R__twice.sql"]).toEqual(["prefer-robust-stmts"]);
});

test("the long ways of components/migrations/README.md break no rule, and neither does an excepted statement", async () => {
  const files = {
    "V001__t.sql":
      "CREATE TABLE a.t (id bigint NOT NULL, x int);\nCREATE TABLE a.k (id bigint PRIMARY KEY);\nCREATE TABLE a.p (id bigint NOT NULL, x int) PARTITION BY RANGE (id);\n",
    "V002__key.sql":
      "-- acgs: concurrent\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_pkey ON a.t (id);\n",
    "V003__key.sql": "ALTER TABLE a.t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey;\n",
    "V004__foreign_key.sql":
      "ALTER TABLE a.t ADD CONSTRAINT t_k FOREIGN KEY (id) REFERENCES a.k (id) NOT VALID;\n",
    "V005__validate.sql": "ALTER TABLE a.t VALIDATE CONSTRAINT t_k;\n",
    "V006__fill.sql":
      "-- acgs: concurrent\nDO $$ BEGIN FOR i IN 0..9 LOOP UPDATE a.t SET x = 0 WHERE x IS NULL AND id % 10 = i; COMMIT; END LOOP; END $$;\n",
    "V007__check.sql": "ALTER TABLE a.t ADD CONSTRAINT t_x CHECK (x IS NOT NULL) NOT VALID;\n",
    "V008__validate.sql": "ALTER TABLE a.t VALIDATE CONSTRAINT t_x;\n",
    "V009__not_null.sql":
      "ALTER TABLE a.t ALTER COLUMN x SET NOT NULL;\nALTER TABLE a.t DROP CONSTRAINT t_x;\n",
    "V010__bounds.sql": "ALTER TABLE a.t ADD CONSTRAINT t_id CHECK (id >= 0 AND id < 1000) NOT VALID;\n",
    "V011__validate.sql": "ALTER TABLE a.t VALIDATE CONSTRAINT t_id;\n",
    "V012__attach.sql": "ALTER TABLE a.p ATTACH PARTITION a.t FOR VALUES FROM (0) TO (1000);\n",
    "V013__rename.sql":
      "-- squawk-ignore renaming-column\nALTER TABLE a.t RENAME COLUMN x TO y;\n-- lint-ignore whole-table-change ten rows\nDELETE FROM a.k;\n",
    "R__indexes.sql": "-- acgs: concurrent\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON a.t (x);\n",
  };
  const broken = Object.entries(await squawk(files)).filter(([, rules]) => rules.length > 0);
  expect(broken).toEqual([]);
  expect(await brokenRules(directory)).toEqual([
    `${directory}/V013__rename.sql:4:1: a.t stays locked, by a statement above or this one, until this is through: give it a file of its own (lock-then-work)`,
  ]);
});

test("a folder that the runner would not take is a finding", async () => {
  await writeFile(join(directory, "V002__x.sql"), "SELECT 1");
  expect(await brokenRules(directory)).toEqual([
    `${directory}/V001 is missing before V002__x.sql: restore it, or number the files without a gap`,
  ]);
});

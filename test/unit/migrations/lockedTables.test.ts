import { expect, test } from "vitest";
import { lockedTables } from "../../../components/migrations/lockedTables.ts";
import { describeFile } from "../../../components/migrations/sqlDirectory.ts";
import { sqlFile } from "../../../components/migrations/sqlFile.ts";
import { splitStatements } from "../../../components/migrations/sqlStatements.ts";

test.each<[string, string[]]>([
  ["ALTER TABLE dgm.t ADD COLUMN c int", ["dgm.t"]],
  ["ALTER TABLE IF EXISTS ONLY Dgm.T DROP COLUMN c", ["dgm.t"]],
  ['ALTER TABLE dgm."Odd t" RENAME TO u', ['dgm."Odd t"']],
  ["ALTER TABLE t SET (fillfactor = 90)", []],
  ["ALTER TABLE t SET (fillfactor = 90), ALTER COLUMN a SET STATISTICS 100", []],
  ["ALTER TABLE t SET (fillfactor = 90), ADD COLUMN a int", ["t"]],
  ["ALTER TABLE t ALTER a SET NOT NULL", ["t"]],
  ["ALTER TABLE t VALIDATE CONSTRAINT c", []],
  ["ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID", ["t"]],
  ["ALTER TABLE p ATTACH PARTITION q DEFAULT", []],
  ["DROP TABLE IF EXISTS a.t, u CASCADE", ["a.t", "u"]],
  ["TRUNCATE ONLY a.t, u", ["a.t", "u"]],
  ["LOCK TABLE t IN SHARE MODE", ["t"]],
  ["CREATE INDEX i ON a.t (x)", ["a.t"]],
  ["CREATE UNIQUE INDEX IF NOT EXISTS i ON ONLY t USING btree (x)", ["t"]],
  ["CREATE INDEX ON t (x)", ["t"]],
  ["CREATE INDEX CONCURRENTLY i ON t (x)", []],
  ["CREATE OR REPLACE TRIGGER g BEFORE UPDATE OF a ON s.t FOR EACH ROW EXECUTE FUNCTION f()", ["s.t"]],
  ["DROP TRIGGER IF EXISTS g ON s.t", ["s.t"]],
  ["REFRESH MATERIALIZED VIEW v", ["v"]],
  ["REFRESH MATERIALIZED VIEW CONCURRENTLY v", []],
  ["CREATE TABLE a.t (x int); ALTER TABLE a.t ADD y int; CREATE INDEX i ON a.t (x)", []],
  ["ALTER TABLE a.t ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES a.u (x) NOT VALID", ["a.t", "a.u"]],
  [
    "CREATE TABLE a.n (x int REFERENCES a.t, y int CONSTRAINT f REFERENCES a.u (y)); DROP TABLE a.n",
    ["a.t", "a.u"],
  ],
  [
    "CREATE TEMP TABLE n (x int); ALTER TABLE n ADD y int; CREATE MATERIALIZED VIEW v AS SELECT 1; REFRESH MATERIALIZED VIEW v",
    [],
  ],
  ["CREATE OR REPLACE VIEW v AS SELECT 1; INSERT INTO t VALUES (1); SELECT 'ALTER TABLE t ADD c int'", []],
  ["COMMENT ON TABLE t IS 'x'; DROP VIEW v; GRANT SELECT ON t TO r", []],
])("%s", (text, expected) => {
  expect(lockedTables(splitStatements(text))).toEqual(expected);
});

test("a preview names the tables", () => {
  const file = sqlFile("V002__c.sql", "ALTER TABLE a.t ADD c int; ALTER TABLE a.u ADD c int", {})!;
  expect(describeFile(file)).toMatch(
    /^versioned, one transaction, locks out writers of a\.t and a\.u, sha256 [0-9a-f]{12}$/,
  );
});

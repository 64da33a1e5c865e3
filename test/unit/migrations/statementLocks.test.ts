import { expect, test } from "vitest";
import { letsWritersPass, lockedTables } from "../../../components/migrations/statementLocks.ts";
import { parseSql } from "../../../lib/sqlParser.ts";

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
  ["DROP INDEX a.i", ["the table of index a.i"]],
  ["DROP INDEX CONCURRENTLY a.i", []],
  ["CREATE TABLE a.n (x int); CREATE INDEX i ON a.n (x); DROP INDEX a.i", []],
  ["REINDEX TABLE a.t", ["a.t"]],
  ["REINDEX INDEX a.i", ["the table of index a.i"]],
  ["REINDEX TABLE CONCURRENTLY a.t", []],
  ["REINDEX (CONCURRENTLY false) TABLE a.t", ["a.t"]],
  ["CREATE TABLE a.p PARTITION OF a.m FOR VALUES FROM (1) TO (2)", ["a.m"]],
  ["CREATE TABLE a.c (x int) INHERITS (a.t)", []],
  ["CREATE RULE r AS ON INSERT TO a.t DO INSTEAD UPDATE b.u SET x = 1", ["a.t"]],
  ["DROP RULE r ON a.t", ["a.t"]],
  ["CREATE POLICY p ON a.t USING (true)", ["a.t"]],
  ["LOCK TABLE t IN ROW EXCLUSIVE MODE", []],
  ["VACUUM (FULL) a.t", ["a.t"]],
  ["VACUUM a.t", []],
  ["ALTER TABLE a.t RENAME COLUMN x TO y; ALTER VIEW a.v RENAME COLUMN x TO y", ["a.t"]],
  [
    "ALTER TABLE a.t RENAME CONSTRAINT x TO y; ALTER TABLE a.u SET SCHEMA b; ALTER INDEX i RENAME TO j",
    ["a.t", "a.u"],
  ],
  ['ALTER TABLE "a"."t" ADD c int', ["a.t"]],
])("%s", async (text, expected) => {
  expect(lockedTables(await parseSql(text))).toEqual(expected);
});

test.each([
  ["CREATE INDEX CONCURRENTLY i ON t (a)", true],
  ["DROP INDEX CONCURRENTLY i", true],
  ["REINDEX INDEX CONCURRENTLY i", true],
  ["REINDEX (CONCURRENTLY false) INDEX i", false],
  ["REFRESH MATERIALIZED VIEW CONCURRENTLY v", true],
  // At its end it locks the partition against everything: it must not wait for that for long.
  ["ALTER TABLE p DETACH PARTITION q CONCURRENTLY", false],
  ["ALTER TABLE t VALIDATE CONSTRAINT c", false],
])("may wait for long: %s", async (text, expected) => {
  expect(letsWritersPass((await parseSql(text))[0]!)).toBe(expected);
});

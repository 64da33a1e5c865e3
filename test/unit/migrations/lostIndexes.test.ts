import { expect, it } from "vitest";
import { describeLost, filesWithLost, indexesOf } from "../../../components/migrations/missingIndexes.ts";
import { sqlFile } from "../../../components/migrations/sqlFile.ts";

it("takes indexes from repeatable files of index builds only", () => {
  const build = "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON app.t (a)";
  const file = (name: string, text: string) => sqlFile(name, text, {})!;
  expect(
    indexesOf([
      file("R__indexes.sql", `-- acgs: concurrent\n${build};\nDROP INDEX CONCURRENTLY IF EXISTS app.old`),
      file("V001__once.sql", `-- acgs: concurrent\n${build}`),
      file("R__other.sql", "CREATE TABLE app.t (a int)"),
    ]),
  ).toEqual([{ file: "R__indexes.sql", table: "app.t", name: "i" }]);
});

it("tells lost indexes before the hash, those of now in the place of those of before", () => {
  const before = "repeatable, concurrent (writers go on), sha256 0123456789ab";
  const lost = describeLost(before, [
    { file: "f", name: "a", is: "missing" },
    { file: "f", name: "b", is: "invalid" },
  ]);
  expect(lost).toBe(
    "repeatable, concurrent (writers go on), index a is missing, index b is invalid, sha256 0123456789ab",
  );
  expect(describeLost(lost, [{ file: "f", name: "b", is: "invalid" }])).toBe(
    "repeatable, concurrent (writers go on), index b is invalid, sha256 0123456789ab",
  );
  expect(describeLost(lost, [])).toBe(before);
  expect(filesWithLost({ x: before, y: lost })).toEqual(["y"]);
});

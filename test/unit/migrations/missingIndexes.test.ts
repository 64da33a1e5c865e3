import { expect, it } from "vitest";
import { indexesOf } from "../../../components/migrations/missingIndexes.ts";
import { sqlFiles } from "../../../components/migrations/sqlDirectory.ts";

it("takes indexes from repeatable files of index builds only", async () => {
  const build = "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON app.t (a)";
  const files = await sqlFiles(
    {
      "R__indexes.sql": `-- acgs: concurrent\n${build};\nDROP INDEX CONCURRENTLY IF EXISTS app.old`,
      "V001__once.sql": `-- acgs: concurrent\n${build}`,
      "R__other.sql": "CREATE TABLE app.t (a int)",
    },
    "sql/app",
    {},
  );
  expect(indexesOf(files)).toEqual([{ file: "R__indexes.sql", table: "app.t", name: "i" }]);
});

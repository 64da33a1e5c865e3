import { describe, expect, it, test } from "vitest";
import { indexesOf } from "../../../components/migrations/missingIndexes.ts";
import { sqlFiles, SqlFilesError } from "../../../components/migrations/sqlDirectory.ts";

const concurrent = (text: string) => `-- acgs: concurrent\n${text}`;
const build = (name: string, table = "app.t") =>
  `CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON ${table} (a);`;

describe("the indexes that are to be there", () => {
  const wanted = async (contents: Record<string, string>) =>
    indexesOf(await sqlFiles(contents, "sql/app", {})).map(
      ({ file, table, name }) => `${file} ${table} ${name}`,
    );

  it("are those of repeatable files of index builds only", async () => {
    expect(
      await wanted({
        "R__indexes.sql": concurrent(`${build("i")} DROP INDEX CONCURRENTLY IF EXISTS app.old`),
        "V001__once.sql": concurrent(build("k")),
        "R__other.sql": "CREATE TABLE app.t (a int)",
      }),
    ).toEqual(["R__indexes.sql app.t i"]);
  });

  it("are not those that a later statement drops, in the same file or another, alone or with its table", async () => {
    expect(
      await wanted({
        "R__a.sql": concurrent(
          `DROP INDEX CONCURRENTLY IF EXISTS app."I I"; ${build('"I I"')} ${build("gone")} ${build("i", "app.u")}
           ${build("helper")} DO $$ BEGIN UPDATE app.t SET a = 1 WHERE a = 2; COMMIT; END $$;
           DROP INDEX CONCURRENTLY IF EXISTS app.helper; DROP INDEX CONCURRENTLY IF EXISTS other.kept; ${build("kept")}`,
        ),
        "R__b.sql": "DROP INDEX IF EXISTS app.gone; DROP TABLE IF EXISTS app.u",
      }),
    ).toEqual(["R__a.sql app.t I I", "R__a.sql app.t kept"]);
  });

  it("are not ended by a versioned file, which runs before", async () => {
    const files = { "R__a.sql": concurrent(build("i")), "V001__b.sql": "DROP INDEX IF EXISTS app.i" };
    expect(await wanted(files)).toEqual(["R__a.sql app.t i"]);
  });
});

describe("an index of a repeatable file", () => {
  const faults = (contents: Record<string, string>): Promise<string[]> =>
    sqlFiles(contents, "sql/app", {}).then(
      () => [],
      (error: unknown) => {
        if (error instanceof SqlFilesError) return error.faults;
        throw error;
      },
    );
  const key = "ALTER TABLE app.t ADD CONSTRAINT t_key UNIQUE USING INDEX i;";

  test("is not made a constraint: that wants a versioned file before", async () => {
    const first = { "V001__key.sql": key, "R__a.sql": concurrent(build("i")) };
    expect(await faults(first)).toEqual([
      "R__a.sql:2:1: V001__key.sql makes a constraint of this index, which takes the constraint's name, so that this file " +
        "would build it a second time: build it in a versioned file before that; where V001__key.sql was applied " +
        "already, take it out here",
    ]);
    expect(await faults({ "R__a.sql": concurrent(build("i")), "R__b.sql": key })).toEqual([
      expect.stringMatching(
        /^R__a\.sql:2:1: R__b\.sql makes a constraint.*write that as a versioned file too$/,
      ) as string,
    ]);
    const right = {
      "V001__index.sql": concurrent(build("i")),
      "V002__key.sql": key,
      "R__a.sql": concurrent(build("k")),
    };
    expect(await faults(right)).toEqual([]);
    expect(await faults({ ...right, "R__a.sql": concurrent(build("i", "other.t")) })).toEqual([]);
  });

  test("is not renamed by one; a versioned file may, where the new name is written", async () => {
    const rename = "ALTER INDEX IF EXISTS app.i RENAME TO k;";
    expect(await faults({ "R__a.sql": concurrent(`${build("i")} ${rename}`) })).toEqual([
      "R__a.sql:2:1: R__a.sql renames this index to k: write that name here",
    ]);
    expect(await faults({ "V001__r.sql": rename, "R__a.sql": concurrent(build("k")) })).toEqual([]);
    expect(await faults({ "R__a.sql": concurrent(`${rename} ${build("k")}`) })).toEqual([]);
  });

  test("names its table's schema, since a refresh looks for it", async () => {
    expect(await faults({ "R__a.sql": concurrent(build("i", "t")) })).toEqual([
      "R__a.sql:2:1: write the table with its schema, as in dgm.improvements: a refresh looks there for the index",
    ]);
    expect(await faults({ "V001__a.sql": concurrent(build("i", "t")) })).toEqual([]);
  });
});

test.each(["app.i, app.k", "app.i CASCADE"])(
  "DROP INDEX CONCURRENTLY %s is refused by a preview",
  async (what) => {
    const files = { "R__a.sql": concurrent(`SELECT 1;\nDROP INDEX CONCURRENTLY IF EXISTS ${what}`) };
    await expect(sqlFiles(files, "sql/app", {})).rejects.toThrow(
      "R__a.sql:3:1: DROP INDEX CONCURRENTLY drops one index, without CASCADE: write a statement for each",
    );
  },
);

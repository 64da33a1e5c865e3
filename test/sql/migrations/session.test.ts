import { afterEach, beforeEach, describe, expect, test } from "vitest";
import fc from "fast-check";
import type pg from "pg";
import { settingFaults } from "../../../components/migrations/sqlFile.ts";
import { SqlFilesError } from "../../../components/migrations/sqlDirectory.ts";
import { SqlFileError } from "../../../components/migrations/sqlFileError.ts";
import { isStorableText } from "../../../lib/text/storable.ts";
import { assertOfMany, hostileText } from "../../support/hostile.ts";
import { createDatabase } from "../../support/sqlDatabase.ts";
import type { TestDatabase } from "../../support/sqlDatabase.ts";
import { parseSql } from "../../../lib/sqlParser.ts";
import { anyStatements } from "../../unit/migrations/sqlArbitraries.ts";
import { ledgerFiles, rows, runFiles } from "./harness.ts";

let database: TestDatabase;
let client: pg.Client;
beforeEach(async () => {
  database = await createDatabase();
  client = await database.connect();
});
afterEach(() => database.drop());

const WHO =
  "CREATE SCHEMA app; CREATE TABLE app.who (step text, role text, session text, path text, timeout text);";
const tell = (step: string): string =>
  `INSERT INTO app.who SELECT '${step}', current_user, session_user, current_setting('search_path'),
   current_setting('statement_timeout');`;

describe("the session that a file finds", () => {
  test("is the owner's, or the superuser's where the file says so, whatever the file before has set", async () => {
    await runFiles(database, {
      "V001__who.sql": `${WHO} ${tell("owner")} SET search_path = pg_catalog; SET statement_timeout = '1h';
        CREATE TEMP TABLE left_over (); DECLARE c CURSOR WITH HOLD FOR SELECT 1;`,
      "V002__super.sql": `-- acgs: role=superuser\n${tell("superuser")} SET session_replication_role = replica;`,
      "V003__concurrent.sql": `-- acgs: concurrent\n${tell("concurrent")} SET search_path = pg_catalog;
        DECLARE c CURSOR WITH HOLD FOR SELECT 1; SET statement_timeout = '1h';`,
      "V004__both.sql": `-- acgs: concurrent\n-- acgs: role=superuser\n${tell("both")} SET session_replication_role = replica;`,
      "V005__last.sql": `${tell("last")} DECLARE c CURSOR FOR SELECT 1;
        SELECT 1 / (current_setting('session_replication_role') = 'origin' AND to_regclass('left_over') IS NULL)::int;`,
    });
    const path = '"$user", public';
    expect(await rows(client, "SELECT * FROM app.who")).toEqual([
      ["owner", "acgs_owner", "postgres", path, "0"],
      ["superuser", "postgres", "postgres", path, "0"],
      ["concurrent", "acgs_owner", "postgres", path, "0"],
      ["both", "postgres", "postgres", path, "0"],
      ["last", "acgs_owner", "postgres", path, "0"],
    ]);
    expect(await rows(client, "SELECT count(*)::int FROM deploy.ledger")).toEqual([5]);
  });

  test("has the values that files are written for, whatever the database sets", async () => {
    const hostile = {
      DateStyle: "German, DMY",
      IntervalStyle: "iso_8601",
      TimeZone: "Asia/Kolkata",
      array_nulls: "off",
      bytea_output: "escape",
      default_transaction_isolation: "serializable",
      default_transaction_read_only: "on",
      extra_float_digits: "-15",
      lock_timeout: "1ms",
      quote_all_identifiers: "on",
      search_path: "pg_temp",
      session_replication_role: "replica",
      standard_conforming_strings: "off",
      statement_timeout: "1ms",
      transform_null_equals: "on",
    };
    for (const [name, value] of Object.entries(hostile))
      await client.query(
        `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET ${name} = ${name === "search_path" ? value : `''${value}''`}', current_database()); END $$`,
      );
    const names = Object.keys(hostile).filter((name) => name !== "lock_timeout");
    await runFiles(database, {
      "V001__settings.sql": `CREATE SCHEMA app; CREATE TABLE app.settings AS
        SELECT name, current_setting(name) FROM unnest('{${names.join()}}'::text[]) AS name;`,
    });
    const found = (await rows(client, "SELECT * FROM app.settings")) as [string, string][];
    expect(Object.fromEntries(found)).toEqual({
      DateStyle: "ISO, MDY",
      IntervalStyle: "postgres",
      TimeZone: "UTC",
      array_nulls: "on",
      bytea_output: "hex",
      default_transaction_isolation: "read committed",
      default_transaction_read_only: "off",
      extra_float_digits: "1",
      quote_all_identifiers: "off",
      search_path: '"$user", public',
      session_replication_role: "origin",
      standard_conforming_strings: "on",
      statement_timeout: "0",
      transform_null_equals: "off",
    });
  });

  // In a DO block, no preview sees it.
  const hidden = (sql: string) => `DO $$ BEGIN EXECUTE '${sql}'; END $$;`;
  const UNLOCK = hidden("SELECT pg_advisory_unlock_all()");
  const LET_GO = "the file has let go of the runner's lock, so that another runner may have been at work";
  const ROLE = (now: string, began: string) => `at its end the file runs as ${now}, and began as ${began}`;

  test.each([
    ["", UNLOCK, LET_GO],
    ["", hidden("RESET ROLE"), ROLE("postgres", "acgs_owner")],
    ["-- acgs: role=superuser\n", "SET ROLE acgs_owner;", ROLE("acgs_owner", "postgres")],
    ["-- acgs: role=superuser\n", "SET SESSION AUTHORIZATION acgs_owner;", ROLE("acgs_owner", "postgres")],
    ["-- acgs: concurrent\n", UNLOCK, LET_GO],
    ["-- acgs: concurrent\n", hidden("RESET ROLE"), ROLE("postgres", "acgs_owner")],
  ])("has to be there at the file's end: %j %j", async (head, text, message) => {
    const files = { "V001__who.sql": `${head}${WHO} ${text}`, "V002__next.sql": tell("next") };
    await expect(runFiles(database, files)).rejects.toThrow(`sql/app/V001__who.sql: ${message}`);
    expect(await ledgerFiles(client)).toEqual([]);
    const kept = head.includes("concurrent") ? "app.who" : null;
    expect(await rows(client, "SELECT to_regclass('app.who')::text")).toEqual([kept]);
  });

  test("may be set to read strings in the old manner: the next file is read in the new one", async () => {
    await runFiles(database, {
      "V001__old.sql": "SET standard_conforming_strings = off; SET escape_string_warning = off;",
      "V002__new.sql": `${WHO} INSERT INTO app.who (step) VALUES ('\\');`,
    });
    expect(await rows(client, "SELECT step FROM app.who")).toEqual(["\\"]);
  });

  test("does not let the owner do what only the superuser may", async () => {
    await expect(
      runFiles(database, { "V001__x.sql": "-- acgs: concurrent\nALTER SYSTEM RESET work_mem" }),
    ).rejects.toThrow(/permission denied to set parameter "work_mem" \(42501\)/);
    await expect(runFiles(database, { "V001__x.sql": "CREATE ROLE acgs_test_made" })).rejects.toThrow(
      /permission denied to create role \(42501\)/,
    );
  });
});

describe("an error", () => {
  const failure = async (text: string): Promise<SqlFileError> => {
    const error = await runFiles(database, { "V001__e.sql": text }).then(
      () => expect.fail("it ran"),
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(SqlFileError);
    return error as SqlFileError;
  };
  const REMEDY = "Nothing of this file was applied; the files before it stay. Correct it and run up again.";

  test("names file, line and column, with a caret under the spot, also behind wide characters", async () => {
    const error = await failure("CREATE SCHEMA app;\nSELECT '😀é' AS a, 😀mistake FROM app;\n");
    expect(error.message).toBe(
      [
        'sql/app/V001__e.sql:2:33: relation "app" does not exist (42P01)',
        "2 | SELECT '😀é' AS a, 😀mistake FROM app;",
        "                                    ^",
        REMEDY,
      ].join("\n"),
    );
    expect([error.file, error.line, error.column, error.code]).toEqual([
      "sql/app/V001__e.sql",
      2,
      33,
      "42P01",
    ]);
  });

  test("of syntax comes before anything runs, with its place", async () => {
    const files = { "V001__e.sql": "CREATE SCHEMA app;\nSELECT 1 +\n\n", "V002__e.sql": "SELEC 1" };
    await expect(runFiles(database, files)).rejects.toThrow(
      new SqlFilesError("sql/app", [
        "V001__e.sql:2:11: syntax error at end of input",
        'V002__e.sql:1:1: syntax error at or near "SELEC"',
      ]),
    );
    expect(await rows(client, "SELECT to_regnamespace('app')")).toEqual([null]);
  });

  test("without a position points at its statement, and gives detail, hint and context", async () => {
    const error = await failure(
      [
        "CREATE SCHEMA app; -- one; two",
        "DO $$ BEGIN",
        "  RAISE EXCEPTION 'no good' USING DETAIL = 'a detail', HINT = 'a hint', ERRCODE = 'ACGS1';",
        "END $$;",
      ].join("\n"),
    );
    expect(error.message).toBe(
      [
        "sql/app/V001__e.sql:2:1: no good (ACGS1)",
        "2 | DO $$ BEGIN",
        "    ^",
        "(the statement that starts here; the server names no place in it)",
        "DETAIL: a detail",
        "HINT: a hint",
        "CONTEXT: PL/pgSQL function inline_code_block line 2 at RAISE",
        REMEDY,
      ].join("\n"),
    );
  });

  test("in a function's query shows that query", async () => {
    const { message } = await failure("SELECT 1;\nDO $$ BEGIN\n PERFORM nothing FROM pg_class; END $$");
    expect(message).toContain(
      'sql/app/V001__e.sql:2:1: column "nothing" does not exist (42703)\n2 | DO $$ BEGIN\n    ^\n',
    );
    expect(message).toContain("in the query:\n1 | SELECT nothing FROM pg_class\n           ^\n");
  });

  test("never shows the password", async () => {
    const wrong = runFiles(
      database,
      { "V001__x.sql": "SELECT 1" },
      {
        connection: { ...database.connection, password: "hunter2-wrong" },
      },
    );
    const error: Error = await wrong.then(
      () => expect.fail("it ran"),
      (e: Error) => e,
    );
    expect(error.message).toMatch(
      /^cannot connect to 127\.0\.0\.1:\d+\/test_\w+ as postgres: password authentication failed/,
    );
    expect(JSON.stringify([error.message, error.stack, String(error.cause)])).not.toContain("hunter2");
  });

  test("of an address where nobody listens comes after the patience given", async () => {
    const connection = { ...database.connection, port: 1 };
    const start = performance.now();
    await expect(
      runFiles(database, { "V001__x.sql": "SELECT 1" }, { connection, connectPatienceMs: 1_500 }),
    ).rejects.toThrow(/^cannot connect to 127\.0\.0\.1:1\/test_\w+ as postgres: /);
    expect(performance.now() - start).toBeGreaterThan(1_400);
  });

  test("of a missing owner says what comes first", async () => {
    await expect(
      runFiles(database, { "V001__x.sql": "SELECT 1" }, { owner: "acgs_test_nobody" }),
    ).rejects.toThrow('role "acgs_test_nobody" does not exist: the roles come before the SQL files');
  });
});

describe("text from outside", () => {
  test("a schema's name, a setting and an owner with quotes in them are taken as they are", async () => {
    const schema = "x'); DROP TABLE deploy.ledger; --";
    await runFiles(
      database,
      { "V001__x.sql": "SELECT 1" },
      { schema, settings: { "acgs.a": "'; DROP TABLE x; --" } },
    );
    expect(await rows(client, "SELECT schema FROM deploy.ledger")).toEqual([schema]);
    expect((await runFiles(database, { "V001__x.sql": "SELECT 1" }, { schema })).ran).toEqual([]);
  });

  test("any setting and schema comes back as it was, or is refused", async () => {
    const given = fc.record({ value: hostileText, schema: hostileText });
    await assertOfMany(given, 40, async (all) => {
      await runFiles(database, { "V001__t.sql": "CREATE SCHEMA app; CREATE TABLE app.told (value text);" });
      const settings: Record<string, string> = {};
      for (const [i, { value }] of all.entries()) {
        const name = `acgs.s${i}`;
        if (settingFaults({ [name]: value }).length === 0) settings[name] = value;
        else expect(value).toMatch(/[\0\p{Surrogate}]/u);
      }
      const names = Object.keys(settings);
      expect(names.length).toBeGreaterThan(10);
      const tell = names
        .map((name) => `SELECT '${name}' AS name, current_setting('${name}') AS value`)
        .join(" UNION ALL ");
      await runFiles(
        database,
        { "V001__t.sql": `INSERT INTO app.told SELECT json_object_agg(name, value) FROM (${tell}) s;` },
        { schema: "told", settings },
      );
      expect(JSON.parse(String((await rows(client, "SELECT value FROM app.told"))[0]))).toEqual(settings);

      for (const { schema } of all.filter((one) => isStorableText(one.schema)).slice(0, 10)) {
        await runFiles(database, { "V001__x.sql": "SELECT 1" }, { schema });
        expect((await runFiles(database, { "V001__x.sql": "SELECT 1" }, { schema })).ran).toEqual([]);
      }
      const schemas = await rows(client, "SELECT DISTINCT schema FROM deploy.ledger");
      for (const schema of schemas)
        expect(["app", "told", ...all.map((one) => one.schema)]).toContain(schema);
    });
  });

  test("a file that tries to end its transaction does not get as far as the server", async () => {
    await expect(runFiles(database, { "V001__x.sql": "SELECT 1; COMMIT; SELECT 2" })).rejects.toThrow(
      "V001__x.sql:1:11: COMMIT is not for SQL files",
    );
    await expect(runFiles(database, { "V001__x.sql": "DO $$ BEGIN COMMIT; END $$" })).rejects.toThrow(
      /invalid transaction termination/,
    );
    expect(await ledgerFiles(client)).toEqual([]);
  });
});

test("the parser finds as many statements as the server runs", async () => {
  await fc.assert(
    fc.asyncProperty(anyStatements, async ({ text }) => {
      const results = await client.query(text);
      const count = Array.isArray(results) ? results.length : results.command === null ? 0 : 1;
      expect(count).toBe((await parseSql(text)).length);
    }),
    { numRuns: 300 },
  );
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type pg from "pg";
import { readLedger } from "../../../components/migrations/runner.ts";
import { createDatabase } from "../../support/sqlDatabase.ts";
import type { TestDatabase } from "../../support/sqlDatabase.ts";
import { ledgerFiles, QUICK, rows, runFiles } from "./harness.ts";

let database: TestDatabase;
let client: pg.Client;
beforeEach(async () => {
  database = await createDatabase();
  client = await database.connect();
});
afterEach(() => database.drop());

const TABLE = "CREATE SCHEMA app; CREATE TABLE app.t (id int PRIMARY KEY, note text);";

describe("order and repetition", () => {
  test("versioned files run by number, then repeatable ones by name, each once", async () => {
    const files = {
      "R__b.sql": "INSERT INTO app.t SELECT 4, note FROM app.t WHERE id = 3;",
      "R__a.sql": "INSERT INTO app.t SELECT 3, 'a' FROM app.t WHERE id = 2",
      "V002__more.sql": "INSERT INTO app.t SELECT 2, 'x' FROM app.t -- a comment at the end",
      "V001__table.sql": `${TABLE} INSERT INTO app.t VALUES (1, 'x');`,
    };
    const order = ["V001__table.sql", "V002__more.sql", "R__a.sql", "R__b.sql"];
    const first = await runFiles(database, files);
    expect(first.ran).toEqual(order);
    expect(first.applied.map(({ file }) => file)).toEqual(order);
    expect(await ledgerFiles(client)).toEqual(order);
    expect(await rows(client, "SELECT id FROM app.t ORDER BY id")).toEqual([1, 2, 3, 4]);

    const second = await runFiles(database, files);
    expect(second).toEqual({ ran: [], applied: first.applied });
    expect(await readLedger(database.connection, "app")).toEqual(first.applied);
  });

  test("a changed repeatable file runs again, the others do not; the ledger keeps both runs", async () => {
    const files = {
      "V001__t.sql": TABLE,
      "R__a.sql": "INSERT INTO app.t VALUES (1)",
      "R__b.sql": "SELECT 1",
    };
    await runFiles(database, files);
    const changed = await runFiles(database, { ...files, "R__a.sql": "INSERT INTO app.t VALUES (2)" });
    expect(changed.ran).toEqual(["R__a.sql"]);
    expect(changed.applied.map(({ file }) => file)).toEqual(["V001__t.sql", "R__a.sql", "R__b.sql"]);
    expect(await rows(client, "SELECT count(*)::int FROM deploy.ledger WHERE file = 'R__a.sql'")).toEqual([
      2,
    ]);
  });

  test("a repeatable file that was taken away leaves its objects, and is listed no more", async () => {
    await runFiles(database, {
      "V001__t.sql": TABLE,
      "R__v.sql": "CREATE OR REPLACE VIEW app.v AS SELECT 1 AS one",
    });
    const { applied } = await runFiles(database, { "V001__t.sql": TABLE });
    expect(applied.map(({ file }) => file)).toEqual(["V001__t.sql"]);
    expect(await rows(client, "SELECT one FROM app.v")).toEqual([1]);
  });

  test("settings are read by current_setting; a changed one runs the repeatable files again that name it", async () => {
    const files = {
      "V001__t.sql": `${TABLE} INSERT INTO app.t VALUES (0, current_setting('acgs.months'))`,
      "R__other.sql": "SELECT 1",
      "R__months.sql": "INSERT INTO app.t SELECT max(id) + 1, current_setting('acgs.months') FROM app.t",
    };
    await runFiles(database, files, { settings: { "acgs.months": "6" } });
    const { ran } = await runFiles(database, files, { settings: { "acgs.months": "it's 12\\" } });
    expect(ran).toEqual(["R__months.sql"]);
    expect(await rows(client, "SELECT note FROM app.t ORDER BY id")).toEqual(["6", "6", "it's 12\\"]);
  });

  test("a file that comes from a checkout with other line ends is no edit", async () => {
    await runFiles(database, { "V001__t.sql": "CREATE SCHEMA app;\nSELECT 1;\n" });
    const { ran } = await runFiles(database, { "V001__t.sql": "\uFEFFCREATE SCHEMA app;\r\nSELECT 1;\r\n" });
    expect(ran).toEqual([]);
  });

  test("names are those that the server keeps, and functions are sent whole", async () => {
    const label =
      "CREATE FUNCTION app.last_end() RETURNS int BEGIN ATOMIC SELECT max(id) AS end FROM app.t; END;";
    await runFiles(database, {
      "V001__t.sql": `${TABLE} ${label} CREATE VIEW app.after AS SELECT 1 AS case;`,
      "V002__c.sql": `-- acgs: concurrent\nCREATE OR REPLACE ${label.slice(7)}\nCREATE VIEW app.Über AS SELECT 1;`,
      "V003__copy.sql": "COPY app.t TO STDOUT; INSERT INTO app.t VALUES (1)",
    });
    expect(
      await rows(client, "SELECT prosqlbody IS NOT NULL FROM pg_proc WHERE proname = 'last_end'"),
    ).toEqual([true]);
    expect(await rows(client, "SELECT relname FROM pg_class WHERE relname = 'Über'")).toEqual(["Über"]);
    expect(await rows(client, "SELECT id FROM app.t")).toEqual([1]);
  });

  test("schemas have files of their own", async () => {
    await runFiles(database, { "V001__t.sql": TABLE });
    const { ran } = await runFiles(database, { "V001__t.sql": "CREATE SCHEMA other" }, { schema: "other" });
    expect(ran).toEqual(["V001__t.sql"]);
  });
});

describe("a file is applied whole or not at all", () => {
  const files = {
    "V001__t.sql": TABLE,
    "V002__rows.sql": "INSERT INTO app.t VALUES (1);\nINSERT INTO app.t VALUES (1);",
  };

  test("a failed file leaves nothing, the files before it stay, and the next run starts with it", async () => {
    await expect(runFiles(database, { ...files, "V003__after.sql": "SELECT 1" })).rejects.toThrow(
      /V002__rows\.sql:2:1/,
    );
    expect(await rows(client, "SELECT * FROM app.t")).toEqual([]);
    expect(await ledgerFiles(client)).toEqual(["V001__t.sql"]);
    const mended = {
      ...files,
      "V002__rows.sql": "INSERT INTO app.t VALUES (1), (2)",
      "V003__after.sql": "SELECT 1",
    };
    expect((await runFiles(database, mended)).ran).toEqual(["V002__rows.sql", "V003__after.sql"]);
  });

  test("a deferred constraint that fails at the end takes the file and its ledger line with it", async () => {
    const deferred =
      "CREATE TABLE app.u (t int REFERENCES app.t DEFERRABLE INITIALLY DEFERRED); INSERT INTO app.u VALUES (9);";
    const after = {
      "V003__row.sql": "INSERT INTO app.t VALUES (1)",
      "R__row.sql": "INSERT INTO app.t VALUES (2)",
    };
    await expect(
      runFiles(database, { "V001__t.sql": TABLE, "V002__u.sql": deferred, ...after }),
    ).rejects.toThrow(/V002__u\.sql: insert or update on table "u" violates foreign key/);
    expect(await rows(client, "SELECT to_regclass('app.u')")).toEqual([null]);
    expect(await rows(client, "SELECT * FROM app.t")).toEqual([]);
    expect(await ledgerFiles(client)).toEqual(["V001__t.sql"]);
  });

  test("a session that is ended in the middle leaves nothing; the next run applies the file", async () => {
    const suicide = { "V001__t.sql": `${TABLE} SELECT pg_terminate_backend(pg_backend_pid())` };
    await expect(
      runFiles(database, { "V001__t.sql": `-- acgs: role=superuser\n${suicide["V001__t.sql"]}` }),
    ).rejects.toThrow(/terminating connection due to administrator command \(57P01\)|The connection broke/);
    expect(await rows(client, "SELECT to_regnamespace('app')")).toEqual([null]);
    expect((await runFiles(database, { "V001__t.sql": TABLE })).ran).toEqual(["V001__t.sql"]);
  });

  test("a table that is locked is waited for in short turns, in which its other users go on", async () => {
    await runFiles(database, { "V001__t.sql": TABLE });
    await client.query("BEGIN; LOCK TABLE app.t IN ROW EXCLUSIVE MODE");
    const lines: string[] = [];
    const running = runFiles(
      database,
      { "V001__t.sql": TABLE, "V002__c.sql": "ALTER TABLE app.t ADD COLUMN c int" },
      { log: (line) => lines.push(line) },
    );
    const other = await database.connect();
    while (lines.length < 2) {
      const start = performance.now();
      await other.query("INSERT INTO app.t SELECT coalesce(max(id), 0) + 1 FROM app.t");
      expect(performance.now() - start).toBeLessThan(QUICK.lockTimeoutMs + 1_000);
    }
    await client.query("COMMIT");
    expect((await running).ran).toEqual(["V002__c.sql"]);
    expect(lines[0]).toMatch(
      /^sql\/app\/V002__c\.sql: canceling statement due to lock timeout \(attempt 1 of 40, next in 0\.\d s\); oldest transaction: pid \d+, postgres, idle in transaction for \d+ s$/,
    );
  });
});

describe("what was applied cannot be rewritten", () => {
  const files = { "V001__t.sql": TABLE, "V002__more.sql": "SELECT 1" };
  /** Applies two files, then others: nothing of these may run. */
  const refused = async (contents: Record<string, string>): Promise<string> => {
    await runFiles(database, files);
    const error = await (async () => runFiles(database, contents))().then(
      () => expect.fail("it ran"),
      (e: Error) => e,
    );
    expect(await ledgerFiles(client)).toEqual(["V001__t.sql", "V002__more.sql"]);
    expect(await rows(client, "SELECT * FROM app.t")).toEqual([]);
    return error.message;
  };
  /** What would run if there were no fault. */
  const pending = {
    "V003__row.sql": "INSERT INTO app.t VALUES (3)",
    "R__row.sql": "INSERT INTO app.t VALUES (4)",
    "R__index.sql": "-- acgs: concurrent\nCREATE INDEX CONCURRENTLY IF NOT EXISTS idx_t_note ON app.t (note)",
  };

  test.each<[string, Record<string, string>, RegExp]>([
    [
      "an edited file",
      { ...files, "V002__more.sql": "SELECT 2", ...pending },
      /^V002__more\.sql was edited after it was applied \(was [0-9a-f]{12}, is [0-9a-f]{12}\): restore it from version control, and put the change into a new versioned file$/,
    ],
    [
      "a file that disappeared",
      { "V001__t.sql": TABLE, "R__row.sql": pending["R__row.sql"] },
      /^V002__more\.sql was applied and has disappeared: restore it from version control$/,
    ],
    [
      "a gap",
      { ...files, "V004__row.sql": pending["V003__row.sql"], "R__row.sql": pending["R__row.sql"] },
      /^V003 is missing before V004__row\.sql: restore it, or number the files without a gap$/,
    ],
    [
      "a double",
      { ...files, ...pending, "V003__other.sql": "INSERT INTO app.t VALUES (5)" },
      /^V003__other\.sql and V003__row\.sql have one version: give the later one the next number$/,
    ],
  ])("%s is one clear error, and nothing runs", async (_, contents, message) => {
    const [head, fault, ...more] = (await refused(contents)).split("\n");
    expect([head, ...more]).toEqual(["sql/app: 1 fault, nothing was applied"]);
    expect(fault?.replace("  - ", "")).toMatch(message);
  });

  test("several are named at once", async () => {
    const message = await refused({ "V001__t.sql": `${TABLE} `, "R__new.sql": "SELECT 1" });
    expect(message).toMatch(/^sql\/app: 2 faults, nothing was applied/);
    expect(message).toMatch(/- V001__t\.sql was edited/);
    expect(message).toMatch(/- V002__more\.sql was applied and has disappeared/);
  });

  test("a ledger that was changed by hand is found out by its chain", async () => {
    await runFiles(database, files);
    await client.query("UPDATE deploy.ledger SET sha256 = repeat('0', 64) WHERE file = 'V001__t.sql'");
    await expect(runFiles(database, files)).rejects.toThrow(
      /changed by hand: the chain of hashes breaks at V001__t\.sql/,
    );
  });
});

test("two runners at once: each file runs once, and the one that waits says so", async () => {
  const files = {
    "V001__t.sql": `${TABLE} SELECT pg_sleep(1.5)`,
    "V002__row.sql": "INSERT INTO app.t VALUES (1)",
    "R__row.sql": "INSERT INTO app.t VALUES (2)",
  };
  const lines: string[] = [];
  const log = (line: string): number => lines.push(line);
  const runs = await Promise.all([runFiles(database, files, { log }), runFiles(database, files, { log })]);
  expect(runs.map(({ ran }) => ran.length).sort()).toEqual([0, 3]);
  expect(runs[0].applied).toEqual(runs[1].applied);
  expect(lines).toContain("sql/app: another SQL runner is at work on this database, waiting for it");
});

describe("the ledger's schema", () => {
  test("may be there already, with another owner", async () => {
    await client.query("CREATE SCHEMA deploy");
    await runFiles(database, { "V001__t.sql": TABLE });
    expect(await rows(client, "SELECT tableowner FROM pg_tables WHERE schemaname = 'deploy'")).toEqual([
      "acgs_owner",
    ]);
  });

  test("is made for the owner", async () => {
    await runFiles(database, { "V001__t.sql": TABLE });
    expect(
      await rows(client, "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'deploy'"),
    ).toEqual(["acgs_owner"]);
  });

  test("a database without a ledger has no applied files", async () => {
    expect(await readLedger(database.connection, "app")).toEqual([]);
  });
});

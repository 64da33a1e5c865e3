import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type pg from "pg";
import { eventually } from "../../../testing/eventually.ts";
import { createDatabase } from "../../support/sqlDatabase.ts";
import type { TestDatabase } from "../../support/sqlDatabase.ts";
import { slowLink } from "./slowLink.ts";
import { ledgerFiles, QUICK, rows, runFiles, startRunner, until } from "./harness.ts";

let database: TestDatabase;
let client: pg.Client;
beforeEach(async () => {
  database = await createDatabase();
  client = await database.connect();
});
afterEach(() => database.drop());

const TABLE = "CREATE SCHEMA app; CREATE TABLE app.t (id int PRIMARY KEY, note text);";
const INDEX =
  "-- acgs: concurrent\nCREATE INDEX CONCURRENTLY IF NOT EXISTS idx_t_note ON app.t USING btree (note DESC) WHERE id > 0;\n";
const files = { "V001__t.sql": TABLE, "R__indexes.sql": INDEX };

const RUNNER = "application_name = 'acgs-db SQL runner'";
const validity = (name: string): Promise<unknown[]> =>
  rows(client, "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", [name]);

/** Keeps a snapshot, for which the last phase of a concurrent build waits; gives the session that holds it. */
async function oldSnapshot(): Promise<pg.Client> {
  const holder = await database.connect();
  await holder.query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM app.t");
  return holder;
}

describe("an index", () => {
  test("is built while a row is inserted, and belongs to the owner of the table", async () => {
    await runFiles(database, { "V001__t.sql": TABLE });
    await client.query("BEGIN; INSERT INTO app.t VALUES (1, 'x')");
    const running = runFiles(database, files);
    await until(await database.connect(), "SELECT 1 FROM pg_stat_progress_create_index");
    await client.query("INSERT INTO app.t VALUES (2, 'y'); COMMIT");
    expect((await running).ran).toEqual(["R__indexes.sql"]);
    expect(await validity("app.idx_t_note")).toEqual([true]);
    expect(await rows(client, "SELECT tableowner FROM pg_tables WHERE schemaname = 'app'")).toEqual([
      "acgs_owner",
    ]);
  });

  test("whose build was killed is left invalid, and the next run drops it and builds it again", async () => {
    await runFiles(database, { "V001__t.sql": TABLE });
    const holder = await oldSnapshot();
    const running = runFiles(database, files).then(
      () => expect.fail("it was not killed"),
      (error: Error) => error,
    );
    await until(
      client,
      "SELECT 1 FROM pg_index WHERE NOT indisvalid AND indexrelid = to_regclass('app.idx_t_note')",
    );
    await until(client, "SELECT 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'");
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND ${RUNNER}`,
    );
    expect((await running).message).toMatch(
      /^sql\/app\/R__indexes\.sql:2:1: terminating connection due to administrator command/,
    );
    await holder.query("ROLLBACK");
    expect(await validity("app.idx_t_note")).toEqual([false]);
    expect(await ledgerFiles(client)).toEqual(["V001__t.sql"]);

    const lines: string[] = [];
    expect((await runFiles(database, files, { log: (line) => lines.push(line) })).ran).toEqual([
      "R__indexes.sql",
    ]);
    expect(await validity("app.idx_t_note")).toEqual([true]);
    expect(lines[0]).toBe(
      "sql/app/R__indexes.sql: drops invalid index app.idx_t_note, which a failed build has left",
    );
  });

  test("whose runner was killed is given up by the server too, and the next run completes it", async () => {
    await runFiles(database, { "V001__t.sql": TABLE });
    const holder = await oldSnapshot();
    const runner = await startRunner(database, files);
    await until(client, "SELECT 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'");
    runner.kill("SIGKILL");

    const lines: string[] = [];
    const next = runFiles(database, files, { log: (line) => lines.push(line) });
    await eventually("the invalid index is dropped", () =>
      lines.some((line) => line.includes("drops invalid index")),
    );
    await holder.query("ROLLBACK");
    expect((await next).ran).toEqual(["R__indexes.sql"]);
    expect(lines[0]).toBe("sql/app: another SQL runner is at work on this database, waiting for it");
    expect(await validity("app.idx_t_note")).toEqual([true]);
  });

  test("that does not get its lock in time is tried again, the invalid rest dropped each time", async () => {
    await runFiles(database, { "V001__t.sql": TABLE });
    const holder = await oldSnapshot();
    const lines: string[] = [];
    const running = runFiles(database, files, {
      retry: { ...QUICK, concurrentLockTimeoutMs: 150 },
      log: (line) => lines.push(line),
    });
    await until(
      client,
      "SELECT 1 FROM pg_index WHERE NOT indisvalid AND indexrelid = to_regclass('app.idx_t_note')",
    );
    await eventually("the third attempt", () => lines.some((line) => line.includes("attempt 3 ")));
    await holder.query("ROLLBACK");
    await running;
    expect(await validity("app.idx_t_note")).toEqual([true]);
  });

  test("that runs for long tells in which phase it is and for whom it waits, by a second session", async () => {
    await runFiles(database, { "V001__t.sql": TABLE });
    const holder = await oldSnapshot();
    const lines: string[] = [];
    const running = runFiles(database, files, {
      progress: { everyMs: 50, longestMs: 50 },
      log: (line) => lines.push(line),
    });
    const told =
      /^sql\/app\/R__indexes\.sql: idx_t_note on app\.t: waiting for old snapshots, \d of \d transactions ended, waits for pid \d+ \(postgres, idle in transaction for \d+ s\) \(\d+ s so far\)$/;
    await eventually("the line is told", () => lines.some((line) => told.test(line)));
    await holder.query("ROLLBACK");
    await running;
    const count = lines.length;
    expect(lines.at(-1)).toMatch(/applied in/);
    await until(
      client,
      `SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%SQL runner%')`,
    );
    expect(lines).toHaveLength(count);
  });

  test("is built although there is no second session to look on with", async () => {
    await runFiles(database, { "V001__t.sql": TABLE });
    const holder = await oldSnapshot();
    const link = await slowLink(database.connection, 0);
    const lines: string[] = [];
    const running = runFiles(database, files, {
      connection: { ...database.connection, host: "127.0.0.1", port: link.port },
      progress: { everyMs: 50, longestMs: 50 },
      log: (line) => lines.push(line),
    });
    // It is called once the first session is there.
    await until(client, `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND ${RUNNER}`);
    link.refuseMore();
    await eventually("progress is told", () => lines.some((line) => line.includes("progress")));
    await holder.query("ROLLBACK");
    expect((await running).ran).toEqual(["R__indexes.sql"]);
    expect(lines.filter((line) => line.includes("progress"))).toEqual([
      expect.stringMatching(/idx_t_note on app\.t: progress is not shown: cannot connect to 127\.0\.0\.1:/),
    ]);
    await link.close();
  });

  test("of a table that is locked against everything is tried again too", async () => {
    await runFiles(database, { "V001__t.sql": TABLE });
    await client.query("BEGIN; LOCK TABLE app.t");
    const lines: string[] = [];
    const running = runFiles(
      database,
      { ...files, "V002__c.sql": "-- acgs: concurrent\nALTER TABLE app.t ADD COLUMN c int" },
      { log: (line) => lines.push(line) },
    );
    await eventually("two lines are told", () => lines.length >= 2);
    await client.query("COMMIT");
    expect((await running).ran).toEqual(["V002__c.sql", "R__indexes.sql"]);
  });

  test("that is there and valid is passed over; one of another definition is refused with both", async () => {
    await runFiles(database, files);
    const before = await rows(client, "SELECT 'app.idx_t_note'::regclass::oid");
    await runFiles(database, { ...files, "R__indexes.sql": INDEX + "SELECT 1;" });
    expect(await rows(client, "SELECT 'app.idx_t_note'::regclass::oid")).toEqual(before);

    const other = INDEX.replace("id > 0", "id > 1");
    await expect(runFiles(database, { ...files, "R__indexes.sql": other })).rejects.toThrow(
      "sql/app/R__indexes.sql:2:1: index app.idx_t_note is there with another definition: " +
        "USING btree (note DESC) WHERE (id > 0); the file says USING btree (note DESC) WHERE (id > 1). " +
        "Give the new index a name of its own, and drop the old one in a later statement: " +
        "DROP INDEX CONCURRENTLY IF EXISTS app.idx_t_note",
    );
    await expect(
      runFiles(database, {
        ...files,
        "R__indexes.sql": INDEX.replace("CREATE INDEX", "CREATE UNIQUE INDEX"),
      }),
    ).rejects.toThrow(/the file says UNIQUE USING btree/);
  });

  test("whose name is taken by something else is refused", async () => {
    await runFiles(database, { "V001__t.sql": `${TABLE} CREATE TABLE app.idx_t_note ()` });
    await expect(
      runFiles(database, {
        "V001__t.sql": `${TABLE} CREATE TABLE app.idx_t_note ()`,
        "R__indexes.sql": INDEX,
      }),
    ).rejects.toThrow("app.idx_t_note is there, and is no index of app.t: take another name");
  });

  test("with a name that wants quoting is found again", async () => {
    const odd = '-- acgs: concurrent\nCREATE INDEX CONCURRENTLY "Odd "";name" ON app.t (note)';
    const { ran } = await runFiles(database, { "V001__t.sql": TABLE, "R__indexes.sql": odd });
    expect(ran).toHaveLength(2);
    expect(
      (await runFiles(database, { "V001__t.sql": TABLE, "R__indexes.sql": `${odd};` })).ran,
    ).toHaveLength(1);
  });
});

test("a concurrent file that fails keeps what ran before, says so, and starts over", async () => {
  const failing =
    "-- acgs: concurrent\nINSERT INTO app.t VALUES (1) ON CONFLICT DO NOTHING;\n\n  SELECT nothing FROM app.t;\n";
  const error: Error = await runFiles(database, { "V001__t.sql": TABLE, "V002__f.sql": failing }).then(
    () => expect.fail("it ran"),
    (e: Error) => e,
  );
  expect(error.message).toBe(
    [
      'sql/app/V002__f.sql:4:10: column "nothing" does not exist (42703)',
      "4 |   SELECT nothing FROM app.t;",
      "             ^",
      "This file runs outside a transaction: its statements before this one stay applied. Correct it and run up " +
        "again; it starts from its first statement, and indexes that are there and valid are passed over.",
    ].join("\n"),
  );
  expect(await rows(client, "SELECT id FROM app.t")).toEqual([1]);
  expect(await ledgerFiles(client)).toEqual(["V001__t.sql"]);
  const mended = failing.replace("nothing FROM", "note FROM");
  expect((await runFiles(database, { "V001__t.sql": TABLE, "V002__f.sql": mended })).ran).toEqual([
    "V002__f.sql",
  ]);
});

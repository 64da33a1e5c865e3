import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type pg from "pg";
import { eventually } from "../../../testing/eventually.ts";
import { createDatabase } from "../../support/sqlDatabase.ts";
import type { TestDatabase } from "../../support/sqlDatabase.ts";
import { ledgerFiles, rows, runFiles, startRunner, until } from "./harness.ts";
import { slowLink } from "./slowLink.ts";

let database: TestDatabase;
let client: pg.Client;
beforeEach(async () => {
  database = await createDatabase();
  client = await database.connect();
});
afterEach(() => database.drop());

const TABLE = "CREATE SCHEMA app; CREATE TABLE app.t (id serial PRIMARY KEY, note text);";
const row = (note: string): string => `INSERT INTO app.t (note) VALUES ('${note}')`;

/** How many round trips a run takes, from the connection to its end. */
async function trips(contents: Record<string, string>): Promise<number> {
  const link = await slowLink(database.connection, 1);
  try {
    const connection = { ...database.connection, host: "127.0.0.1", port: link.port };
    await runFiles(database, contents, { connection });
    return link.roundTrips();
  } finally {
    await link.close();
  }
}

/** A table and rows, one file each. */
function chain(count: number): Record<string, string> {
  const name = (i: number): string => `V${String(i + 1).padStart(3, "0")}__row.sql`;
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [name(i), i === 0 ? TABLE : row(`${i}`)]),
  );
}

describe("round trips", () => {
  test("are one for transactional files that follow each other, however many", async () => {
    const nothing = await trips({});
    expect(await trips(chain(1))).toBe(nothing + 1);
    expect(await trips(chain(40))).toBe(nothing + 1);
    expect(await rows(client, "SELECT string_agg(note, ' ' ORDER BY id) FROM app.t")).toEqual([
      Array.from({ length: 39 }, (_, i) => i + 1).join(" "),
    ]);
  });

  test("are two for an index, three on a partitioned table, and two for the file that holds them", async () => {
    const nothing = await trips({
      "V001__t.sql": `${TABLE} CREATE TABLE app.p (id int, note text) PARTITION BY RANGE (id)`,
    });
    const file = {
      "V001__t.sql": `${TABLE} CREATE TABLE app.p (id int, note text) PARTITION BY RANGE (id)`,
      "R__indexes.sql": `-- acgs: concurrent
        CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON app.t (note);
        CREATE INDEX CONCURRENTLY IF NOT EXISTS b ON app.t (note, id);
        CREATE INDEX CONCURRENTLY IF NOT EXISTS c ON app.p (note);`,
    };
    // The first run has applied V001.
    expect(await trips(file)).toBe(nothing - 1 + 2 + 2 + 2 + 3);
    // One look and one comparison each.
    file["R__indexes.sql"] += "\n-- changed";
    expect(await trips(file)).toBe(nothing - 1 + 2 + 2 + 2 + 2);
  });
});

describe("of files that are sent at once", () => {
  test("the one that does not get its lock is tried again alone; each of the others runs once", async () => {
    await runFiles(database, chain(1));
    await client.query("CREATE TABLE app.runs (file text); GRANT ALL ON app.runs TO acgs_owner");
    await client.query("BEGIN; LOCK TABLE app.t IN ROW EXCLUSIVE MODE");
    const told = (name: string): string => `INSERT INTO app.runs VALUES ('${name}')`;
    const lines: string[] = [];
    const running = runFiles(
      database,
      {
        ...chain(1),
        "V002__a.sql": told("a"),
        "V003__b.sql": `${told("b")}; ALTER TABLE app.t ADD COLUMN b int`,
        "V004__c.sql": told("c"),
        "R__d.sql": told("d"),
      },
      { log: (line) => lines.push(line) },
    );
    const other = await database.connect();
    await eventually("the third attempt", () => lines.some((line) => line.includes("attempt 3 ")));
    expect(await ledgerFiles(other)).toEqual(["V001__row.sql", "V002__a.sql"]);
    await client.query("COMMIT");
    await running;
    expect(await rows(client, "SELECT file FROM app.runs")).toEqual(["a", "b", "c", "d"]);
    const retried = lines.filter((line) => line.includes("(attempt "));
    expect(retried.filter((line) => !line.startsWith("sql/app/V003__b.sql: canceling"))).toEqual([]);
  });

  test("one that fails in the middle is named with its place; none behind it is applied", async () => {
    const files = { ...chain(30), "V015__row.sql": `${row("x")};\nINSERT INTO app.t (nothing) VALUES (1)` };
    const error: Error = await runFiles(database, files).then(
      () => expect.fail("it ran"),
      (e: Error) => e,
    );
    expect(error.message).toMatch(
      /^sql\/app\/V015__row\.sql:2:20: column "nothing" of relation "t" does not exist \(42703\)\n2 \| INSERT INTO app\.t \(nothing\)/,
    );
    expect(await rows(client, "SELECT count(*)::int FROM app.t")).toEqual([13]);
    expect(await ledgerFiles(client)).toHaveLength(14);
    expect((await runFiles(database, chain(30))).ran).toHaveLength(16);
  });

  test("none is applied once the runner is dead, although the server has them already", async () => {
    const slow = { ...chain(3), "V002__row.sql": `${row("1")}; SELECT pg_sleep(60)` };
    const runner = await startRunner(database, slow);
    const sleeps = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    await until(client, `SELECT 1 ${sleeps}`);
    runner.kill("SIGKILL");
    // The session ends far sooner than its file would.
    await until(
      client,
      `SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'acgs-db SQL runner')`,
    );
    expect(await ledgerFiles(client)).toEqual(["V001__row.sql"]);
    expect(await rows(client, "SELECT * FROM app.t")).toEqual([]);
    expect((await runFiles(database, chain(3))).ran).toHaveLength(2);
  });
});

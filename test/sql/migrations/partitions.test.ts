import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type pg from "pg";
import { eventually } from "../../../testing/eventually.ts";
import { createDatabase } from "../../support/sqlDatabase.ts";
import type { TestDatabase } from "../../support/sqlDatabase.ts";
import { rows, runFiles, until } from "./harness.ts";

let database: TestDatabase;
let client: pg.Client;
beforeEach(async () => {
  database = await createDatabase();
  client = await database.connect();
});
afterEach(() => database.drop());

/** Two months, the second of which is divided again by status: two levels, as `dgm.dgm_archive` has them. */
const TABLES = `CREATE SCHEMA app;
  CREATE TABLE app.log (at date NOT NULL, status text NOT NULL, note text) PARTITION BY RANGE (at);
  CREATE TABLE app.log_m1 PARTITION OF app.log FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
  CREATE TABLE app.log_m2 PARTITION OF app.log FOR VALUES FROM ('2025-02-01') TO ('2025-03-01')
    PARTITION BY LIST (status);
  CREATE TABLE app.log_m2_open PARTITION OF app.log_m2 FOR VALUES IN ('open');
  CREATE TABLE app.log_m2_rest PARTITION OF app.log_m2 DEFAULT;
  INSERT INTO app.log SELECT '2025-01-01'::date + i, CASE i % 2 WHEN 0 THEN 'open' ELSE 'done' END, 'n' || i
  FROM generate_series(0, 57) AS i;`;
const INDEX =
  "-- acgs: concurrent\nCREATE INDEX CONCURRENTLY IF NOT EXISTS idx_log_status ON app.log (status, at DESC);\n";
const files = { "V001__log.sql": TABLES, "R__indexes.sql": INDEX };

/** Every index of the tree with the one to which it is attached, and whether it is valid. */
const tree = (): Promise<unknown[]> =>
  rows(
    client,
    `SELECT c.relname, p.relname, x.indisvalid FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
     LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
     WHERE c.relnamespace = 'app'::regnamespace ORDER BY c.relname`,
  );

const COMPLETE = [
  ["idx_log_status", null, true],
  ["log_m1_idx_log_status", "idx_log_status", true],
  ["log_m2_idx_log_status", "idx_log_status", true],
  ["log_m2_open_idx_log_status", "log_m2_idx_log_status", true],
  ["log_m2_rest_idx_log_status", "log_m2_idx_log_status", true],
];

test("an index is built on every partition of two levels and attached up to the top", async () => {
  await runFiles(database, files);
  expect(await tree()).toEqual(COMPLETE);
  await client.query("SET enable_seqscan = off");
  const plan = await rows(
    client,
    "EXPLAIN SELECT * FROM app.log WHERE status = 'open' AND at = '2025-02-03'",
  );
  expect(plan.join("\n")).toMatch(/using log_m2_open_idx_log_status on log_m2_open/);
});

test("a second run finds all there; a new partition gets its index from the server", async () => {
  await runFiles(database, files);
  await client.query(
    "CREATE TABLE app.log_m3 PARTITION OF app.log FOR VALUES FROM ('2025-03-01') TO ('2025-04-01')",
  );
  const before = await tree();
  expect(before).toHaveLength(6);
  await runFiles(database, { ...files, "R__indexes.sql": `${INDEX}SELECT 1;` });
  expect(await tree()).toEqual(before);
});

test("a build that was killed half-way is completed: attached indexes stay, an invalid one is built again", async () => {
  await runFiles(database, { "V001__log.sql": TABLES });
  const holder = await database.connect();
  // The last partition's build has to wait for this snapshot; a lock on it keeps earlier ones free.
  await holder.query("BEGIN; LOCK TABLE app.log_m2_open IN ROW EXCLUSIVE MODE");
  const running = runFiles(database, files).then(
    () => expect.fail("it was not killed"),
    (error: Error) => error,
  );
  await until(
    client,
    "SELECT 1 FROM pg_index WHERE NOT indisvalid AND indexrelid = to_regclass('app.log_m2_open_idx_log_status')",
  );
  await client.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'acgs-db SQL runner'",
  );
  expect((await running).message).toMatch(/R__indexes\.sql:2:1: terminating connection due to administrator/);
  await holder.query("ROLLBACK");
  const half = await tree();
  expect(half).toContainEqual(["log_m1_idx_log_status", "idx_log_status", true]);
  expect(half).toContainEqual(["log_m2_open_idx_log_status", null, false]);
  const kept = await rows(client, "SELECT 'app.log_m1_idx_log_status'::regclass::oid");

  await runFiles(database, files);
  expect(await tree()).toEqual(COMPLETE);
  expect(await rows(client, "SELECT 'app.log_m1_idx_log_status'::regclass::oid")).toEqual(kept);
});

test("a partition that is dropped meanwhile wants no index", async () => {
  await runFiles(database, { "V001__log.sql": TABLES });
  const holder = await database.connect();
  await holder.query("BEGIN; LOCK TABLE app.log_m1 IN ROW EXCLUSIVE MODE");
  const running = runFiles(database, files);
  await until(client, "SELECT 1 FROM pg_stat_progress_create_index WHERE relid = 'app.log_m1'::regclass");
  await client.query("ALTER TABLE app.log_m2 DETACH PARTITION app.log_m2_rest; DROP TABLE app.log_m2_rest");
  await holder.query("COMMIT");
  expect((await running).ran).toEqual(["R__indexes.sql"]);
  expect(await tree()).toEqual(COMPLETE.filter(([name]) => name !== "log_m2_rest_idx_log_status"));
});

test("a partition that someone has locked against everything is waited for", async () => {
  await runFiles(database, { "V001__log.sql": TABLES });
  const holder = await database.connect();
  await holder.query("BEGIN; LOCK TABLE app.log_m1");
  const running = runFiles(database, files);
  await until(
    client,
    "SELECT 1 FROM pg_locks WHERE relation = 'app.log_m1'::regclass AND mode = 'ShareUpdateExclusiveLock' AND NOT granted",
  );
  await holder.query("COMMIT");
  expect((await running).ran).toEqual(["R__indexes.sql"]);
  expect(await tree()).toEqual(COMPLETE);
});

test("an index that was made by hand under the rule's name is attached, not built a second time", async () => {
  await runFiles(database, { "V001__log.sql": TABLES });
  await client.query("CREATE INDEX log_m1_idx_log_status ON app.log_m1 (status, at DESC)");
  await runFiles(database, files);
  expect(await tree()).toEqual(COMPLETE);
});

test("a unique index that lacks the partition key fails at its place in the file", async () => {
  const unique = "-- acgs: concurrent\nCREATE UNIQUE INDEX CONCURRENTLY u ON app.log (nope);";
  await expect(runFiles(database, { ...files, "R__indexes.sql": unique })).rejects.toThrow(
    /^sql\/app\/R__indexes\.sql:2:1: column "nope" does not exist \(42703\)\n/,
  );
  await expect(
    runFiles(database, { ...files, "R__indexes.sql": unique.replace("nope", "note") }),
  ).rejects.toThrow(/unique constraint on partitioned table must include all partitioning columns/);
});

test("a table without partitions gets a valid index at once", async () => {
  await runFiles(database, {
    "V001__log.sql": "CREATE SCHEMA app; CREATE TABLE app.log (at date, status text) PARTITION BY RANGE (at)",
    "R__indexes.sql": INDEX,
  });
  expect(await tree()).toEqual([["idx_log_status", null, true]]);
});

describe("DROP INDEX CONCURRENTLY of a partitioned table's index", () => {
  const drop = {
    ...files,
    "R__indexes.sql": "-- acgs: concurrent\nDROP INDEX CONCURRENTLY IF EXISTS app.idx_log_status;",
  };

  test("drops it on all partitions, waiting for a reader in short turns, in which others go on", async () => {
    await runFiles(database, files);
    const reader = await database.connect();
    await reader.query("BEGIN; SELECT count(*) FROM app.log_m2_open");
    const lines: string[] = [];
    const running = runFiles(database, drop, { log: (line) => lines.push(line) });
    await eventually("the third attempt", () => lines.some((line) => line.includes("attempt 3 ")));
    const start = performance.now();
    await client.query("SELECT count(*) FROM app.log");
    expect(performance.now() - start).toBeLessThan(1_000);
    await reader.query("COMMIT");
    expect((await running).ran).toEqual(["R__indexes.sql"]);
    expect(await tree()).toEqual([]);
    // What it drops is not there any more.
    expect(
      (await runFiles(database, { ...drop, "R__indexes.sql": `${drop["R__indexes.sql"]}\n` })).ran,
    ).toHaveLength(1);
  });

  test("also drops what a build that was killed has left", async () => {
    await runFiles(database, { "V001__log.sql": TABLES });
    await client.query("CREATE INDEX idx_log_status ON ONLY app.log (status)");
    await runFiles(database, drop);
    expect(await tree()).toEqual([]);
  });

  test("is what a changed definition asks for, and then the new one is there alone", async () => {
    await runFiles(database, files);
    const other = INDEX.replace("status, at DESC", "at");
    const error = await runFiles(database, { ...files, "R__indexes.sql": other }).then(
      () => expect.fail("it ran"),
      (e: Error) => e.message,
    );
    const advice = /later statement: (DROP INDEX CONCURRENTLY IF EXISTS app\.idx_log_status)$/m.exec(
      error,
    )![1]!;
    const renamed = other.replace("idx_log_status", "idx_log_at");
    await runFiles(database, { ...files, "R__indexes.sql": `${renamed}${advice};` });
    expect((await tree()).map((row) => (row as string[])[0])).toEqual([
      "idx_log_at",
      "log_m1_idx_log_at",
      "log_m2_idx_log_at",
      "log_m2_open_idx_log_at",
      "log_m2_rest_idx_log_at",
    ]);
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type pg from "pg";
import type { SqlRun } from "../../../components/migrations/runner.ts";
import { eventually } from "../../../testing/eventually.ts";
import { DEFAULT_RETRY } from "../../../components/migrations/retry.ts";
import { createDurableDatabase } from "./durableServer.ts";
import type { DurableDatabase } from "./durableServer.ts";
import { rows, runFiles, startRunner, until } from "./harness.ts";
import { longest, startWriters } from "./writers.ts";
import type { Write, Writers } from "./writers.ts";

// Five million rows, with the runner's own timeouts, on a server that keeps its data when it is killed. All tests
// share the table, in this order.

const ROWS = 5_000_000;
/** Where the writers' numbers start. */
const WRITTEN = 10_000_000;
/** What a loaded machine may add to a wait. */
const MARGIN_MS = 1_000;

let database: DurableDatabase;
let client: pg.Client;
let lines: string[];
/** Files that were applied: each test adds some. */
const files: Record<string, string> = {};

beforeAll(async () => {
  database = await createDurableDatabase();
  client = await database.connect();
  await apply({
    "V001__events.sql": `CREATE SCHEMA app;
      CREATE TABLE app.kinds (kind int PRIMARY KEY);
      INSERT INTO app.kinds SELECT generate_series(0, 99);
      CREATE TABLE app.events (id bigint NOT NULL, kind int NOT NULL, tenant int);
      INSERT INTO app.events SELECT i, i % 100, nullif(i % 50, 0) FROM generate_series(1, ${ROWS}) AS i;
      ALTER TABLE app.events ADD CONSTRAINT events_pkey PRIMARY KEY (id);`,
  });
  expect(await rows(client, "SELECT count(*)::int FROM app.events")).toEqual([ROWS]);
});
afterAll(() => database?.drop());

const log = (line: string): void => void lines.push(line);

/** Runs the files that were applied and some more, with the timeouts that operators get. */
async function apply(more: Record<string, string>, options: Partial<SqlRun> = {}): Promise<string[]> {
  lines = [];
  Object.assign(files, more);
  const { ran } = await runFiles(database, files, { retry: DEFAULT_RETRY, log, ...options });
  return ran;
}

const indexFile = (name: string, column: string): Record<string, string> => ({
  [`R__${name}.sql`]: `-- acgs: concurrent\nCREATE INDEX CONCURRENTLY IF NOT EXISTS idx_${name} ON app.events (${column});`,
});

describe("a concurrent build that is killed half-way is dropped and completed by the next run:", () => {
  /** Waits until a build has read a third of the table. Gives its process. */
  const halfWay = async (): Promise<number> =>
    (await until(
      client,
      `SELECT pid FROM pg_stat_progress_create_index
       WHERE phase = 'building index: scanning table' AND blocks_done > blocks_total / 3 AND blocks_done < blocks_total`,
    )) as number;
  const completes = async (name: string): Promise<void> => {
    expect(
      await rows(client, `SELECT indisvalid FROM pg_index WHERE indexrelid = 'app.idx_${name}'::regclass`),
    ).toEqual([false]);
    expect(await apply({})).toEqual([`R__${name}.sql`]);
    expect(lines).toContain(
      `sql/app/R__${name}.sql: drops invalid index app.idx_${name}, which a failed build has left`,
    );
    expect(
      await rows(client, `SELECT indisvalid FROM pg_index WHERE indexrelid = 'app.idx_${name}'::regclass`),
    ).toEqual([true]);
  };
  const failing = async (running: Promise<unknown>): Promise<Error> =>
    running.then(
      () => expect.fail("it was not killed"),
      (error: Error) => error,
    );

  test("its session ended", async () => {
    const running = failing(apply(indexFile("ended", "kind")));
    await client.query("SELECT pg_terminate_backend($1)", [await halfWay()]);
    expect((await running).message).toMatch(/^sql\/app\/R__ended\.sql:2:1: terminating connection/);
    await completes("ended");
  });

  test("its backend killed, and with it all sessions", async () => {
    const running = failing(apply(indexFile("crashed", "kind")));
    // By the server itself: a command from outside might come when the build is through.
    const killed = client.query(`COPY (SELECT 1) TO PROGRAM 'kill -KILL ${await halfWay()}'`);
    await killed.catch(() => undefined);
    expect((await running).message).toMatch(/^sql\/app\/R__crashed\.sql:2:1: /);
    // Until then, the server still takes sessions, only to end them with all others.
    await eventually("the end of all sessions", () =>
      client.query("SELECT 1").then(
        () => false,
        () => true,
      ),
    );
    client = await reconnected();
    await completes("crashed");
  });

  test("the whole server killed", async () => {
    await holdSnapshot();
    const running = failing(apply(indexFile("down", "kind")));
    await halfWay();
    await database.killAndRestart();
    expect((await running).message).toMatch(/^sql\/app\/R__down\.sql:2:1: /);
    client = await reconnected();
    await completes("down");
  });

  test("the runner killed", async () => {
    const holder = await holdSnapshot();
    Object.assign(files, indexFile("orphaned", "kind"));
    const runner = await startRunner(database, files);
    const pid = await halfWay();
    runner.kill("SIGKILL");
    await until(client, `SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ${pid})`);
    await holder.query("ROLLBACK");
    await completes("orphaned");
  });

  /** A build cannot end before this transaction: else it might be through before what kills it takes effect. */
  async function holdSnapshot(): Promise<pg.Client> {
    const holder = await database.connect();
    await holder.query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM app.events LIMIT 1");
    return holder;
  }

  async function reconnected(): Promise<pg.Client> {
    return eventually("the server answers", () => database.connect());
  }
});

describe("while writers go on,", () => {
  const INSERT = "INSERT INTO app.events (id, kind, tenant) VALUES ($1, 1, 1)";
  const UPDATE = "UPDATE app.events SET kind = kind WHERE id = $1 % 1000 + 1";
  let writers: Writers;
  /** Where the numbers of the writers of this test start. */
  let first = 0;
  beforeEach(async () => {
    first += WRITTEN;
    const sessions = await Promise.all(Array.from({ length: 4 }, () => database.connect()));
    writers = startWriters(sessions, first, INSERT, UPDATE);
  });
  afterEach(async () => void (await writers.stop()));

  /** Ends the writers, none of which has failed, and makes sure that what they were told was written is there. */
  const ended = async (): Promise<Write[]> => {
    const writes = await writers.stop();
    const inserted = writes.filter(({ inserted }) => inserted).map(({ number }) => number);
    const found = await rows(client, `SELECT id::int FROM app.events WHERE id >= ${first} ORDER BY id`);
    expect(found).toEqual(inserted.sort((a, b) => a - b));
    expect(found.length).toBeGreaterThan(50);
    return writes;
  };

  /** Runs files meanwhile; gives the writes that began after a condition came true and before the run was through. */
  const during = async (
    condition: string,
    more: Record<string, string>,
    options?: Partial<SqlRun>,
  ): Promise<Write[]> => {
    const running = apply(more, options);
    // A run that fails is not to be waited for.
    await Promise.race([until(await database.connect(), condition), running]);
    const start = performance.now();
    expect(await running).toEqual(Object.keys(more));
    const end = performance.now();
    return (await ended()).filter((write) => write.start > start && write.end < end);
  };
  const RUNNER = "(SELECT pid FROM pg_stat_activity WHERE application_name = 'acgs-db SQL runner')";
  const VALIDATES = `SELECT 1 FROM pg_locks WHERE pid IN ${RUNNER} AND granted
    AND relation = 'app.events'::regclass AND mode = 'ShareUpdateExclusiveLock'`;

  /** How often the table was read from end to end. */
  const scans = async (): Promise<number> =>
    (await rows(client, "SELECT pg_stat_get_numscans('app.events'::regclass)::int"))[0] as number;

  test("a table that a long transaction holds is waited for in turns; no writer waits longer than one", async () => {
    const holder = await database.connect();
    await holder.query("BEGIN; SELECT 1 FROM app.events LIMIT 1");
    const running = apply({ "V002__note.sql": "ALTER TABLE app.events ADD COLUMN note text" });
    await eventually("the second attempt", () => lines.some((line) => line.includes("(attempt 2 ")));
    await holder.query("COMMIT");
    expect(await running).toEqual(["V002__note.sql"]);
    expect(lines[0]).toMatch(
      /^sql\/app\/V002__note\.sql: canceling statement due to lock timeout \(attempt 1 of 12, next in 0\.\d s\); oldest transaction: pid \d+, postgres, idle in transaction for \d+ s$/,
    );
    const waited = longest(await ended());
    // They did queue behind the ALTER TABLE, for one turn.
    expect(waited).toBeGreaterThan(DEFAULT_RETRY.lockTimeoutMs / 2);
    expect(waited).toBeLessThan(DEFAULT_RETRY.lockTimeoutMs + MARGIN_MS);
  });

  test("two tables that one file locks share the time: no writer waits for both turns", async () => {
    const holders = [await database.connect(), await database.connect()];
    // The first is let go just before its turn is over; writers of it then wait for the second as well.
    await holders[0]!.query("BEGIN; SELECT 1 FROM app.events LIMIT 1");
    await holders[1]!.query("BEGIN; SELECT 1 FROM app.kinds LIMIT 1");
    const running = apply({
      "V003__both.sql":
        "ALTER TABLE app.events ALTER COLUMN note SET DEFAULT ''; ALTER TABLE app.kinds ADD COLUMN note text;",
    });
    await until(client, `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid IN ${RUNNER}`);
    await client.query(`SELECT pg_sleep(${(0.8 * DEFAULT_RETRY.lockTimeoutMs) / 2 / 1_000})`);
    await holders[0]!.query("COMMIT");
    await eventually("the first attempt", () => lines.some((line) => line.includes("(attempt 1 ")));
    await holders[1]!.query("COMMIT");
    expect(await running).toEqual(["V003__both.sql"]);
    const waited = longest(await ended());
    expect(waited).toBeGreaterThan(DEFAULT_RETRY.lockTimeoutMs / 2);
    // It would be 2.8 s if each had a turn of its own.
    expect(waited).toBeLessThan(1.2 * DEFAULT_RETRY.lockTimeoutMs);
  });

  test("an autovacuum gives way at once, also to a file that shares its time among many tables", async () => {
    const small = Array.from({ length: 9 }, (_, i) => `app.small_${i}`);
    await apply({ "V004__small.sql": small.map((table) => `CREATE TABLE ${table} (id int);`).join("\n") });
    await client.query(
      `ALTER TABLE app.events SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_insert_scale_factor = 0,
         autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)`,
    );
    await client.query("ALTER SYSTEM SET autovacuum_naptime = '1s'");
    await client.query("SELECT pg_reload_conf()");
    await until(client, "SELECT 1 FROM pg_stat_progress_vacuum WHERE relid = 'app.events'::regclass");
    await apply({
      "V005__all.sql": ["app.events", ...small]
        .map((table) => `ALTER TABLE ${table} REPLICA IDENTITY DEFAULT;`)
        .join("\n"),
    });
    expect(lines.filter((line) => line.includes("(attempt "))).toEqual([]);
    await client.query("ALTER SYSTEM SET autovacuum_naptime = '1h'");
    await client.query("SELECT pg_reload_conf()");
    await client.query("ALTER TABLE app.events SET (autovacuum_enabled = off)");
    expect(longest(await ended())).toBeLessThan(MARGIN_MS);
  });

  test("a foreign key is added NOT VALID and validated", async () => {
    const meanwhile = await during(VALIDATES, {
      "V006__kind.sql":
        "ALTER TABLE app.events ADD CONSTRAINT events_kind_fkey FOREIGN KEY (kind) REFERENCES app.kinds NOT VALID;",
      "V007__kind_validate.sql": "ALTER TABLE app.events VALIDATE CONSTRAINT events_kind_fkey;",
    });
    expect(meanwhile.length).toBeGreaterThan(20);
    expect(longest(writers.writes)).toBeLessThan(MARGIN_MS);
    expect(
      await rows(client, "SELECT convalidated FROM pg_constraint WHERE conname = 'events_kind_fkey'"),
    ).toEqual([true]);
  });

  test("a column becomes NOT NULL: backfill in steps, check NOT VALID, VALIDATE, and no scan under a lock", async () => {
    const start = await scans();
    const meanwhile = await during(VALIDATES, {
      "V008__tenant_backfill.sql": `-- acgs: concurrent
        DO $$
        BEGIN
          FOR step IN 0..${ROWS / 250_000 - 1} LOOP
            UPDATE app.events SET tenant = 0
            WHERE tenant IS NULL AND id > step * 250000 AND id <= (step + 1) * 250000;
            COMMIT;
          END LOOP;
        END $$;`,
      // Not before: it would refuse every UPDATE of an old row that lacks the value.
      "V009__tenant_check.sql":
        "ALTER TABLE app.events ADD CONSTRAINT events_tenant_present CHECK (tenant IS NOT NULL) NOT VALID;",
      "V010__tenant_validate.sql": "ALTER TABLE app.events VALIDATE CONSTRAINT events_tenant_present;",
    });
    expect(meanwhile.length).toBeGreaterThan(5);
    const before = await scans();
    // The count tells: VALIDATE did read the table.
    expect(before).toBeGreaterThan(start);
    await apply({
      "V011__tenant_not_null.sql": `ALTER TABLE app.events ALTER COLUMN tenant SET NOT NULL;
        ALTER TABLE app.events DROP CONSTRAINT events_tenant_present;`,
    });
    expect(await scans()).toBe(before);
    expect(longest(writers.writes)).toBeLessThan(MARGIN_MS);
    expect(
      await rows(
        client,
        "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'app.events'::regclass AND attname = 'tenant'",
      ),
    ).toEqual([true]);
  });

  test("a filled table becomes a partition: its check is validated first, and ATTACH reads no row", async () => {
    await during(VALIDATES, {
      "V012__log.sql": `CREATE TABLE app.log (id bigint NOT NULL, kind int NOT NULL, tenant int NOT NULL, note text)
        PARTITION BY RANGE (id);
        ALTER TABLE app.events ADD CONSTRAINT events_bounds CHECK (id >= 0 AND id < 1000000000) NOT VALID;`,
      "V013__log_validate.sql": "ALTER TABLE app.events VALIDATE CONSTRAINT events_bounds;",
    });
    const before = await scans();
    await apply({
      "V014__log_attach.sql":
        "ALTER TABLE app.log ATTACH PARTITION app.events FOR VALUES FROM (0) TO (1000000000);",
    });
    expect(await scans()).toBe(before);
    expect(longest(writers.writes)).toBeLessThan(MARGIN_MS);
    expect(await rows(client, "SELECT count(*)::int > 5000000 FROM app.log")).toEqual([true]);
  });

  test("an index of a partitioned table is built on each partition in turn and attached", async () => {
    const meanwhile = await during(
      "SELECT 1 FROM pg_stat_progress_create_index WHERE relid = 'app.events'::regclass",
      {
        "V015__more.sql": `CREATE TABLE app.log_2 PARTITION OF app.log FOR VALUES FROM (1000000000) TO (2000000000);
        CREATE TABLE app.log_3 PARTITION OF app.log FOR VALUES FROM (2000000000) TO (3000000000);
        INSERT INTO app.log SELECT 1000000000 + i, i % 100, i % 50 FROM generate_series(1, 500000) AS i;`,
        "R__log.sql":
          "-- acgs: concurrent\nCREATE INDEX CONCURRENTLY IF NOT EXISTS idx_log_tenant ON app.log (tenant, id);",
      },
      { progress: { everyMs: 200, longestMs: 200 } },
    );
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^sql\/app\/R__log\.sql: idx_log_tenant on app\.events, partition 1 of 3: building index: scanning table, \d+ %.* \(\d+ s so far\)$/,
      ),
    );
    expect(meanwhile.length).toBeGreaterThan(50);
    expect(longest(writers.writes)).toBeLessThan(MARGIN_MS);
    expect(
      await rows(
        client,
        `SELECT c.relname, x.indisvalid, i.inhparent::regclass::text FROM pg_index x
         JOIN pg_class c ON c.oid = x.indexrelid LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
         WHERE c.relname LIKE '%idx_log_tenant' ORDER BY 1`,
      ),
    ).toEqual([
      ["events_idx_log_tenant", true, "app.idx_log_tenant"],
      ["idx_log_tenant", true, null],
      ["log_2_idx_log_tenant", true, "app.idx_log_tenant"],
      ["log_3_idx_log_tenant", true, "app.idx_log_tenant"],
    ]);
  });
});

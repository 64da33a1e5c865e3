import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pause } from "../../../lib/wait.ts";
import { SERVICE_SCHEMAS } from "../../../lib/names.ts";
import { adviseOn } from "../../../operations/report/advice.ts";
import { collect } from "../../../operations/report/collect.ts";
import { unusedIndexes } from "../../../operations/report/combine.ts";
import { render } from "../../../operations/report/render.ts";
import { type Advice, type Findings, reportSchema } from "../../../operations/report/schema.ts";
import { connectionUrl } from "../../../components/stack/outputs.ts";
import { freePorts } from "../../../testing/ports.ts";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";
import { type Companion, startPooler, startReplica } from "./companions.ts";

const PASSWORD = "not to be seen";

/** Patroni is not asked: these servers have none. */
const rest = "http://127.0.0.1:8008";
let database: StackDatabase;
let replica: Companion;
let pooler: Companion;
let admin: pg.Client;
let outputs: Parameters<typeof collect>[1];
let findings: Findings;
let advice: Advice[];

beforeAll(async () => {
  database = await startAppliedDatabase(...SERVICE_SCHEMAS);
  admin = await database.connect();
  await admin.query(`ALTER ROLE acgs_monitor PASSWORD '${PASSWORD}'`);
  await makeTrouble();
  [replica, pooler] = [await startReplica(database), await startPooler(database, { acgs_monitor: PASSWORD })];
  await useOnReplica();
  const { host, port } = database.connection;
  const address = { host: pooler.host, port: pooler.port };
  const login = { login: "acgs_monitor", password: PASSWORD, database: "acgs_db" };
  const pool = { size: 10, reserve: 2, maxClients: 40 };
  outputs = {
    prefix: "acgs-test",
    monitor: { url: connectionUrl({ ...login, ...address }) },
    services: { dgm_service: { url: "", readUrl: "", pool } } as unknown as typeof outputs.services,
    poolers: [address],
    tls: {
      authority: "",
      authorityEndsAt: new Date(Date.now() + 86_400_000 * 100.5).toISOString(),
      certificatesEndAt: new Date(Date.now() + 86_400_000 * 9.5).toISOString(),
    },
    postgres: {
      version: "15.20",
      members: [
        { name: "postgres-1", host, port, rest },
        { name: "postgres-2", host: replica.host, port: replica.port, rest },
      ],
      pendingRestart: [{ member: "postgres-1", parameter: "max_connections", current: "200", wanted: "201" }],
    },
  };
  findings = await collect("test", outputs);
  advice = adviseOn(findings);
});
afterAll(async () => {
  replica?.stop();
  pooler?.stop();
  await database?.stop();
});

/** What a report should find, in tables of dgm's own making. */
async function makeTrouble(): Promise<void> {
  const owner = await database.connect();
  await owner.query("SET ROLE acgs_owner");
  await owner.query(`
    CREATE TABLE dgm.events (
      id bigint PRIMARY KEY, service_name text NOT NULL, at timestamptz NOT NULL, payload text,
      state_id uuid CONSTRAINT events_state_id_fkey REFERENCES dgm.bandit_states (id),
      improvement_id uuid CONSTRAINT events_improvement_id_fkey REFERENCES dgm.improvements (improvement_id)
    );
    INSERT INTO dgm.events (id, service_name, at, payload)
    SELECT i, 'service-' || i % 50, now() - make_interval(secs => i), repeat('x', 100) FROM generate_series(1, 20000) i;
    CREATE INDEX events_at ON dgm.events (at);
    CREATE INDEX events_at_again ON dgm.events (at);
    CREATE INDEX events_at_backwards ON dgm.events (at DESC);
    CREATE INDEX events_at_and_payload ON dgm.events (at, payload);
    CREATE INDEX events_at_of_some ON dgm.events (at) WHERE payload IS NULL;
    CREATE INDEX events_payload ON dgm.events (payload);
    CREATE INDEX events_id_again ON dgm.events (id);
    CREATE UNIQUE INDEX events_id_unique ON dgm.events (id);
    CREATE INDEX events_improvement ON dgm.events (improvement_id) WHERE improvement_id IS NOT NULL;
    CREATE TABLE dgm.deleted (id integer, note text) WITH (autovacuum_enabled = false);
    INSERT INTO dgm.deleted SELECT i, repeat('x', 200) FROM generate_series(1, 100000) i;
    CREATE INDEX deleted_id ON dgm.deleted (id);
    DELETE FROM dgm.deleted WHERE id % 10 <> 0;
    CREATE TABLE dgm.dying (id integer) WITH (autovacuum_enabled = false);
    INSERT INTO dgm.dying SELECT generate_series(1, 30000);
    DELETE FROM dgm.dying WHERE id <= 15000;
    CREATE TABLE dgm.twice (x integer);
    INSERT INTO dgm.twice VALUES (1), (1);
    GRANT SELECT ON dgm.events TO dgm_service, acgs_reader`);
  await owner.query("ANALYZE dgm.events");
  await owner.query("VACUUM (ANALYZE) dgm.deleted");
  expect(await failure(owner, "CREATE UNIQUE INDEX CONCURRENTLY twice_x ON dgm.twice (x)")).toBe("23505");
  const service = await database.connect("dgm_service");
  await service.query("SELECT pg_sleep(0.25)");
  await service.query("SET enable_indexscan = off; SET enable_bitmapscan = off");
  for (let i = 0; i < 60; i++) {
    await service.query(
      `SELECT id FROM dgm.events WHERE service_name = $1 AND at > $2 ORDER BY at DESC LIMIT 10`,
      ["service-1", new Date(0)],
    );
  }
  const [partition] = await rows(
    admin,
    "SELECT partition::text FROM platform.month_partitions('dgm.performance_metrics') ORDER BY lower_bound DESC LIMIT 1",
  );
  await admin.query(`DROP TABLE ${String(partition)}`);
  await admin.query(
    `INSERT INTO platform.partition_skips (schema_name, table_name, partition_name, sqlstate, reason)
     VALUES ('dgm', 'dgm_archive', 'dgm_archive_y2020m01', '2BP01', '2BP01: view public.look depends on it')`,
  );
  await admin.query("ALTER SYSTEM SET max_connections = 201");
  await admin.query("SELECT pg_reload_conf()");
  await admin.query(
    `INSERT INTO cron.job_run_details (jobid, runid, status, return_message, start_time)
     SELECT jobid, nextval('cron.runid_seq'), 'failed', 'ERROR: out of luck', now()
     FROM cron.job WHERE jobname = 'dgm-refresh-statistics'`,
  );
  await admin.query(
    `INSERT INTO platform.upkeep_tasks (kind, targets, target_names, reason, status, attempts, expires_at, finished_at, message)
     VALUES ('reindex', '{1}', 'dgm.deleted_id', 'a test', 'failed', 3, now(), now(), 'ERROR: lock timeout')`,
  );
  await service.query("SELECT pg_stat_force_next_flush()");
  await service.query("SELECT 1");
  await owner.query("SELECT pg_stat_force_next_flush()");
}

/** The primary uses events_payload never, the replica does. */
async function useOnReplica(): Promise<void> {
  const { default: driver } = await import("pg");
  const reader = new driver.Client({
    ...database.connection,
    password: database.password,
    host: replica.host,
    port: replica.port,
  });
  await reader.connect();
  await reader.query("SET enable_seqscan = off");
  await reader.query("SELECT id FROM dgm.events WHERE payload = 'x'");
  await reader.end();
  // Counters of a session that has ended are there within a second.
  await pause(1_000);
}

const adviceOn = (topic: string, subject: string | RegExp): Advice[] =>
  advice.filter((one) => one.topic === topic && new RegExp(subject).test(one.subject));

describe("the report", () => {
  test("passes its schema, as JSON too", () => {
    const report = { ...findings, advice };
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(JSON.stringify(report)).not.toContain(PASSWORD);
  });

  test("has every server by its role, and what streams", () => {
    expect(findings.members.map(({ name, role }) => [name, role])).toEqual([
      ["postgres-1", "primary"],
      ["postgres-2", "replica"],
    ]);
    expect(findings.members.map(({ state }) => state!.schedulerRunning)).toEqual([true, false]);
    expect(findings.replication).toEqual([
      expect.objectContaining({ state: "streaming", syncState: "async", lagSeconds: expect.any(Number) }),
    ]);
    expect(findings.members[1]!.state!.replayGapBytes).toBeGreaterThanOrEqual(0);
  });

  test("fits a terminal, but for the commands, which are to be copied", () => {
    const text = render({ ...findings, advice }, { width: 100, style: (_, words) => words });
    const wide = text.split("\n").filter((line) => line.length > 100 && !line.startsWith("    $ "));
    expect(wide).toEqual([]);
    expect(text).not.toContain(PASSWORD);
    expect(text).toContain("dgm.events_at_again");
  });
});

describe("indexes", () => {
  test("that another one can do the work of: duplicates, prefixes, either direction; keys and predicates count", () => {
    expect(
      findings.indexes.redundant
        .filter(({ tableName }) => tableName === "events")
        .map(({ indexName, kind, coveredBy }) => [indexName, kind, coveredBy])
        .sort(),
    ).toEqual([
      ["events_at", "prefix", "events_at_and_payload"],
      ["events_at_again", "duplicate", "events_at"],
      ["events_at_again", "prefix", "events_at_and_payload"],
      ["events_at_backwards", "duplicate", "events_at"],
      ["events_at_backwards", "duplicate", "events_at_again"],
      ["events_at_backwards", "prefix", "events_at_and_payload"],
      ["events_id_again", "duplicate", "events_id_unique"],
      ["events_id_again", "duplicate", "events_pkey"],
      ["events_id_unique", "duplicate", "events_pkey"],
    ]);
  });

  test("that only a replica uses are not unused", () => {
    const use = findings.indexes.usage.find(({ indexName }) => indexName === "events_payload");
    expect(use!.scansByMember).toEqual({ "postgres-1": 0, "postgres-2": 1 });
    const unused = unusedIndexes(findings.indexes.usage, 8).map(({ indexName }) => indexName);
    expect(unused).toContain("events_at_backwards");
    expect(unused).not.toContain("events_payload");
    expect(unused).not.toContain("events_pkey");
    // Nothing is judged that was not watched for long enough.
    expect(findings.indexes.observedDays).toBe(0);
    expect(findings.indexes.unused).toEqual([]);
  });

  test("that are missing: of foreign keys, unless a partial one leaves out just the NULLs", () => {
    expect(findings.indexes.unindexedForeignKeys.filter(({ tableName }) => tableName === "events")).toEqual([
      {
        schemaName: "dgm",
        tableName: "events",
        constraintName: "events_state_id_fkey",
        referencedTable: "dgm.bandit_states",
        columns: ["state_id"],
        actsOnDelete: false,
      },
    ]);
    expect(adviceOn("indexes", /^dgm.events$/).map(({ command }) => command)).toContainEqual(
      expect.stringContaining(
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_state_id ON dgm.events (state_id)",
      ),
    );
  });

  test("that are missing: for large tables read whole, from the statements that read them", () => {
    expect(findings.indexes.scannedTables.map(({ tableName }) => tableName)).toEqual(["events"]);
    const [scanned] = findings.indexes.scannedTables;
    expect(scanned!.seqScan).toBeGreaterThanOrEqual(60);
    expect(scanned!.suggestion).toBe(
      "CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_service_name_at ON dgm.events (service_name, at DESC);",
    );
  });

  test("that a failed build has left", () => {
    expect(findings.indexes.invalid.map(({ indexName, isLeftover }) => [indexName, isLeftover])).toEqual([
      ["twice_x", false],
    ]);
    expect(adviceOn("indexes", "twice_x")).toEqual([
      expect.objectContaining({ severity: "warning", command: expect.stringMatching(/^npm run up/) }),
    ]);
  });
});

describe("storage", () => {
  test("tells air in tables and indexes", () => {
    expect(findings.bloat.tables.map(({ tableName }) => tableName)).toEqual(["deleted"]);
    expect(findings.bloat.tables[0]!.bloatRatio).toBeGreaterThan(0.8);
    expect(adviceOn("bloat", "dgm.deleted")).toHaveLength(1);
  });

  test("tells dead rows", () => {
    expect(adviceOn("vacuum", "dgm.dying")).toEqual([
      expect.objectContaining({
        reason: expect.stringMatching(/^15,000 dead rows, 50 % of all; last vacuum: never/),
        command: "VACUUM (ANALYZE, VERBOSE) dgm.dying;",
      }),
    ]);
  });

  test("tells partitions that run short or are skipped, and has all their sizes", () => {
    expect(adviceOn("partitions", "")).toEqual([
      expect.objectContaining({
        severity: "warning",
        subject: "dgm.performance_metrics",
        reason: expect.stringContaining("2 of 3 months ahead have a partition"),
        command: "SELECT dgm.daily_partition_maintenance();",
      }),
      expect.objectContaining({
        severity: "warning",
        subject: "dgm.dgm_archive_y2020m01",
        reason: expect.stringMatching(/^the rounds skip it since .*: 2BP01: view public\.look/) as string,
      }),
    ]);
    const partitioned = distinct(
      findings.partitions.sizes.map(({ schemaName, tableName }) => `${schemaName}.${tableName}`),
    );
    expect(partitioned).toEqual(
      findings.partitions.coverage.map(({ schemaName, tableName }) => `${schemaName}.${tableName}`).sort(),
    );
    expect(partitioned.length).toBeGreaterThan(5);
  });

  test("adds up partitions to their table", async () => {
    const table = findings.tables.find(({ tableName }) => tableName === "dgm_archive")!;
    const [leaves] = await rows(
      admin,
      "SELECT count(*)::int FROM pg_partition_tree('dgm.dgm_archive') WHERE isleaf",
    );
    expect(table.partitions).toBe(leaves);
  });
});

describe("work", () => {
  test("tells slow queries with who ran them where", () => {
    expect(adviceOn("slow queries", "dgm_service on postgres-1")).toEqual([
      expect.objectContaining({
        severity: "warning",
        reason: expect.stringContaining("SELECT pg_sleep($1)"),
      }),
    ]);
    const [slow] = findings.slowQueries.filter(({ query }) => query.includes("pg_sleep"));
    expect(slow!.queryid).toMatch(/^-?\d+$/);
    expect(slow!.meanMs).toBeGreaterThanOrEqual(250);
  });

  test("tells jobs and upkeep that failed", () => {
    expect(adviceOn("jobs", "^dgm-refresh-statistics$")).toEqual([
      expect.objectContaining({ reason: expect.stringContaining("ERROR: out of luck") }),
    ]);
    expect(adviceOn("jobs", "^reindex of dgm.deleted_id$")).toHaveLength(1);
  });

  test("tells what waits for a restart, with the values", () => {
    expect(findings.pendingRestart).toEqual([
      { member: "postgres-1", parameter: "max_connections", current: "200", wanted: "201" },
    ]);
    expect(adviceOn("restarts", "postgres-1")[0]!.reason).toBe(
      "max_connections (200 → 201) waits for a restart",
    );
  });

  test("tells the days until certificates end", () => {
    expect(findings.certificates.map(({ of, daysLeft }) => [of, daysLeft])).toEqual([
      ["servers", 9],
      ["authority", 100],
    ]);
    expect(adviceOn("certificates", "")).toHaveLength(1);
  });

  test("tells sessions by login, and the pools that PgBouncer has", () => {
    const services = findings.connections.filter(({ login }) => login === "dgm_service");
    expect(services).toEqual([
      expect.objectContaining({ member: "postgres-1", connections: 1, poolLimit: 12 }),
    ]);
    expect(findings.connections.find(({ backendType }) => backendType === "walsender")?.connections).toBe(1);
    expect(findings.pools).toEqual([
      expect.objectContaining({
        database: "acgs_db",
        user: "acgs_monitor",
        clientsWaiting: 0,
        maxWaitSeconds: 0,
      }),
    ]);
    expect(findings.notes).toEqual([]);
  });
});

test("members that cannot be reached are named, and the primary is asked through PgBouncer", async () => {
  const port = await freePorts(1);
  const members = ["postgres-1", "postgres-2"].map((name) => ({ name, host: "127.0.0.1", port, rest }));
  const found = await collect("test", { ...outputs, postgres: { ...outputs.postgres, members } });
  expect(found.members.map(({ name, role }) => [name, role])).toEqual([
    ["postgres-1", "not reached"],
    ["postgres-2", "not reached"],
    ["primary", "primary"],
  ]);
  expect(found.notes).toEqual([expect.stringContaining("PgBouncer leads to")]);
  expect(found.tables.length).toBe(findings.tables.length);
  expect(found.pendingRestart).toEqual(outputs.postgres.pendingRestart);
  // A member that was not asked may use any index.
  expect(found.indexes.observedDays).toBeNull();
  expect(adviseOn(found).filter(({ topic }) => topic === "members")).toHaveLength(2);
});

test("without any primary there is no report, and the message has no password", async () => {
  const port = await freePorts(1);
  const nowhere = {
    ...outputs,
    monitor: { url: outputs.monitor.url.replace(`:${pooler.port}/`, `:${port}/`) },
  };
  const lost = {
    ...nowhere,
    postgres: { ...outputs.postgres, members: [{ name: "postgres-1", host: "127.0.0.1", port, rest }] },
  };
  const message = await collect("test", lost).then(
    () => "",
    (error: Error) => error.message,
  );
  expect(message).toMatch(/^No primary could be asked\.\npostgres-1: /);
  expect(message).not.toContain(encodeURIComponent(PASSWORD));
});

test("a database that lacks the views says how to get them", async () => {
  await admin.query("ALTER VIEW platform.server_state RENAME TO gone");
  await expect(collect("test", outputs)).rejects.toThrow(/platform.server_state.*npm run up/);
  await admin.query("ALTER VIEW platform.gone RENAME TO server_state");
});

test("only the monitor may look", async () => {
  const service = await database.connect("dgm_service");
  for (const view of ["server_state", "slow_queries", "index_usage", "table_statistics", "index_bloat"])
    expect(await failure(service, `SELECT * FROM platform.${view}`)).toBe("42501");
});

const distinct = (names: string[]): string[] => [...new Set(names)].sort();

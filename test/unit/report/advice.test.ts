import { describe, expect, test } from "vitest";
import { adviseOn, reaches } from "../../../operations/report/advice.ts";
import { reportSchema, type Advice, type Findings } from "../../../operations/report/schema.ts";
import { healthy, member, standby, table } from "./findings.ts";

/** `severity topic: subject`, and the reason. */
const told = (trouble: Partial<Findings>): [string, string][] =>
  adviseOn(healthy(trouble)).map((one) => [`${one.severity} ${one.topic}: ${one.subject}`, one.reason]);

test("nothing is wrong with a healthy stack, and its report is one", () => {
  expect(adviseOn(healthy())).toEqual([]);
  expect(reportSchema.safeParse({ ...healthy(), advice: [] }).error).toBeUndefined();
});

describe("servers", () => {
  test("that were not reached, and damaged pages", () => {
    const lost = { name: "postgres-2", role: "not reached" as const, fault: "timeout", state: null };
    expect(told({ members: [member("postgres-1", { checksumFailures: 2 }), lost] })).toEqual([
      ["critical members: postgres-1", "2 pages were damaged on disk"],
      ["warning members: postgres-2", expect.stringContaining("could not be asked (timeout)")],
    ]);
  });

  test("replicas that do not stream, or are late", () => {
    expect(told({ replication: [] })).toEqual([
      ["critical replication: replicas", expect.stringContaining("0 of 1 replicas stream")],
    ]);
    expect(told({ replication: [standby({ state: "catchup" })] })[0]![0]).toBe(
      "critical replication: replicas",
    );
    expect(told({ replication: [standby({ lagSeconds: 31, lagBytes: 5_000 })] })).toEqual([
      ["warning replication: postgres-2", "4.9 kB or 31 s behind the primary: reads there are stale"],
    ]);
    expect(told({ replication: [standby({ lagBytes: 2 * 1024 ** 3 })] })[0]![0]).toBe(
      "critical replication: postgres-2",
    );
    expect(told({ members: [member("postgres-1")], replication: [] })).toEqual([]);
  });

  test.each([
    [151, []],
    [152, ["warning connections: postgres-1"]],
    [181, ["critical connections: postgres-1"]],
  ])("%i of the 190 connections that are not reserved", (connections, expected) => {
    const use = { login: "pgc_service", backendType: "client backend", connections, poolLimit: null };
    const idle = { active: 0, idle: connections, idleInTransaction: 0, waitingForLock: 0 };
    const found = told({
      connections: [{ member: "postgres-1", ...use, ...idle, longestIdleInTransactionS: null }],
    });
    expect(found.map(([head]) => head)).toEqual(expected);
    for (const [, reason] of found) expect(reason).toContain(`most by pgc_service ${connections}`);
  });

  test("certificates that end soon, or are over", () => {
    const left = (daysLeft: number) => ({
      of: "servers" as const,
      endsAt: "2026-12-01T00:00:00.000Z",
      daysLeft,
    });
    expect(told({ certificates: [left(14)] })).toEqual([]);
    expect(told({ certificates: [left(13)] })).toEqual([
      ["warning certificates: servers", expect.stringContaining("end at 2026-12-01T00:00:00.000Z")],
    ]);
    expect(told({ certificates: [left(-1)] })).toEqual([
      ["critical certificates: servers", expect.stringContaining("ended at")],
    ]);
  });

  test("pools in which clients wait", () => {
    const pool = { pooler: "h:6432", database: "acgs_db", user: "pgc_service", clientsActive: 9 };
    const servers = { serversActive: 19, serversIdle: 0 };
    expect(told({ pools: [{ ...pool, ...servers, clientsWaiting: 4, maxWaitSeconds: 2.5 }] })).toEqual([
      [
        "warning connections: pool of pgc_service on acgs_db (h:6432)",
        "4 clients wait for a server connection, the longest for 2.5 s; 19 are busy",
      ],
    ]);
    expect(told({ pools: [{ ...pool, ...servers, clientsWaiting: 4, maxWaitSeconds: 0.2 }] })).toEqual([]);
  });

  test.each([
    ["dgm_service", "dgm_service_2", "pools.dgm_service.size"],
    ["acgs_db", "acgs_monitor", "pools.acgs_user.size"],
    ["acgs_db_ro", "dgm_service_2", "reader.size"],
  ])("a pool on %s in which %s waits grows by the entry's key", (database, user, key) => {
    const pool = { pooler: "h:6432", database, user, clientsActive: 9, serversActive: 19, serversIdle: 0 };
    const [advice] = adviseOn(healthy({ pools: [{ ...pool, clientsWaiting: 4, maxWaitSeconds: 2.5 }] }));
    expect(advice?.command).toContain(`'acgs-db:pgbouncer.${key}'`);
  });

  test("a cache that misses, unless too little was read to say so", () => {
    const low = { blksHit: 80_000, blksRead: 20_000, hitRatio: 0.8 };
    expect(told({ members: [member("postgres-1", low), member("postgres-2")] })).toEqual([
      ["warning cache: postgres-1", "only 80 % of its blocks were in shared buffers, 20,000 were read"],
    ]);
    expect(told({ tables: [table("dgm.big", low)] })[0]![0]).toBe("info cache: dgm.big");
    const few = { ...low, blksHit: 800, blksRead: 200 };
    expect(
      told({ members: [member("postgres-1", few), member("postgres-2")], tables: [table("dgm.big", few)] }),
    ).toEqual([]);
  });

  test("long transactions", () => {
    const transaction = {
      ...{
        pid: 7,
        login: "gs_service",
        application: "",
        state: "active",
        stateSeconds: 1,
        member: "postgres-1",
      },
      ...{ waitEventType: null, waitEvent: null, blockedBy: 0, query: "SELECT  1" },
    };
    expect(told({ longTransactions: [{ ...transaction, transactionSeconds: 299 }] })).toEqual([]);
    expect(told({ longTransactions: [{ ...transaction, transactionSeconds: 400 }] })).toEqual([
      [
        "warning transactions: process 7 of gs_service on postgres-1",
        "open for 7 min (active): VACUUM removes nothing newer. Last statement: SELECT 1",
      ],
    ]);
    expect(told({ longTransactions: [{ ...transaction, transactionSeconds: 7_200 }] })[0]![0]).toMatch(
      /^critical/,
    );
  });
});

describe("storage", () => {
  const months = {
    months: 3,
    coveredFrom: null,
    coveredTo: "2026-12-01T00:00:00.000Z",
    monthsAheadWanted: 3,
  };
  type Skipped = Findings["partitions"]["coverage"][number]["skipped"];
  const coverage = (monthsAhead: number, skipped: Skipped = []): Partial<Findings> => ({
    partitions: {
      sizes: [],
      coverage: [{ schemaName: "pgc", tableName: "policy_decisions", monthsAhead, skipped, ...months }],
    },
  });

  test("partitions that the rounds skip are named with their reason, a lock first when it lasts for days", () => {
    const partition = "policy_decisions_y2026m12";
    const skip = (sqlstate: string, since: string): string | undefined =>
      told(coverage(3, [{ partition, sqlstate, reason: `${sqlstate}: so it is`, since }]))[0]?.join("; ");
    expect(skip("42P07", "2026-11-21T01:00:00Z")).toMatch(
      /^warning partitions: pgc\.policy_decisions_y2026m12; the rounds skip it since .*: 42P07: so it is$/,
    );
    expect(skip("55P03", "2026-11-21T01:00:00Z")).toMatch(/^info /);
    expect(skip("55P03", "2026-01-01T00:00:00.000Z")).toMatch(/^warning /);
  });

  test("partitions that run short are a warning, and critical when there is none ahead", () => {
    expect(told(coverage(3))).toEqual([]);
    expect(told(coverage(2))[0]![0]).toBe("warning partitions: pgc.policy_decisions");
    expect(told(coverage(0))[0]).toEqual([
      "critical partitions: pgc.policy_decisions",
      "0 of 3 months ahead have a partition (to 2026-12-01); an insert beyond fails",
    ]);
  });

  test("transaction ids that are not frozen", () => {
    const old = (xidAge: number): Partial<Findings> => ({
      members: [member("postgres-1", { xidAge }), member("postgres-2")],
    });
    expect(told(old(400_000_000))).toEqual([]);
    expect(told(old(600_000_000))[0]![0]).toBe("warning vacuum: transaction ids");
    expect(told(old(1_300_000_000))[0]![0]).toBe("critical vacuum: transaction ids");
  });

  test("tables without statistics, unless the server has just been promoted and forgot", () => {
    const unseen = { tables: [table("ac.principles", { lastAnalyze: null, liveRows: 5_000 })] };
    expect(told(unseen)[0]![0]).toBe("warning vacuum: ac.principles");
    const promoted = member("postgres-1", { countingSince: "2026-11-21T11:00:00.000Z" });
    expect(told({ ...unseen, members: [promoted, member("postgres-2")] })).toEqual([]);
  });
});

describe("indexes", () => {
  const index = { schemaName: "pgc", tableName: "t", indexName: "i", sizeBytes: 2 * 1024 ** 2 };
  const definition = "CREATE INDEX i ON ONLY pgc.t USING btree (a)";
  const indexes = (part: Partial<Findings["indexes"]>): Partial<Findings> => ({
    indexes: { ...healthy().indexes, ...part },
  });

  test("unused ones: not the little ones, and what is partitioned cannot be dropped concurrently", () => {
    const unused = { ...index, definition };
    const [one] = adviseOn(healthy(indexes({ unused: [unused, { ...unused, sizeBytes: 8_192 }] }))) as [
      Advice,
    ];
    expect(one.reason).toBe("not used by any member in 20.5 days: 2.0 MB, and every write, for nothing");
    expect(one.command).toBe(
      "SET lock_timeout = '2s'; DROP INDEX pgc.i;  -- first take it out of sql/pgc/R__indexes.sql",
    );
    const plain = { ...unused, definition: definition.replace("ONLY ", "") };
    expect(adviseOn(healthy(indexes({ unused: [plain] })))[0]!.command).toMatch(
      /^DROP INDEX CONCURRENTLY pgc\.i;/,
    );
  });

  test("redundant ones once each, whoever can do their work", () => {
    const pair = { ...index, definition, coveringDefinition: definition };
    const found = told(
      indexes({
        redundant: [
          { ...pair, kind: "prefix", coveredBy: "j" },
          { ...pair, kind: "duplicate", coveredBy: "k" },
          { ...pair, indexName: "little", sizeBytes: 8_192, kind: "prefix", coveredBy: "j" },
        ],
      }),
    );
    expect(found).toEqual([
      ["info indexes: pgc.i", expect.stringMatching(/^j begins with its columns, k has the same columns: /)],
    ]);
  });

  test("of foreign keys: urgent where rows are many and the referenced ones are deleted", () => {
    const key = { schemaName: "gs", tableName: "child", constraintName: "f", referencedTable: "gs.parent" };
    const missing = indexes({ unindexedForeignKeys: [{ ...key, columns: ["a", "b"], actsOnDelete: false }] });
    const rows = (estimatedRows: number, rowsDeleted: number): Partial<Findings> => ({
      ...missing,
      tables: [table("gs.child", { estimatedRows, liveRows: 0 }), table("gs.parent", { rowsDeleted })],
    });
    expect(told(rows(500, 5))).toEqual([]);
    expect(told(rows(200_000, 0))[0]![0]).toBe("info indexes: gs.child");
    expect(told(rows(200_000, 5))[0]).toEqual([
      "warning indexes: gs.child",
      "foreign key f (a, b) has no index: each delete in gs.parent (5 so far) reads all 200,000 rows",
    ]);
  });

  test("what is being built, and what the upkeep will drop", () => {
    const invalid = { ...index, isLeftover: false, builderPid: 4711 };
    expect(told(indexes({ invalid: [invalid] }))).toEqual([]);
    expect(told(indexes({ invalid: [{ ...invalid, isLeftover: true, builderPid: null }] }))[0]![0]).toBe(
      "info indexes: pgc.i",
    );
  });

  test("bloat beyond what the weekly upkeep rebuilds", () => {
    const bloat = { ...index, indexOid: 1, bloatBytes: 8 * 1024 ** 3, bloatRatio: 0.5 };
    const of = (sizeBytes: number): Partial<Findings> => ({
      bloat: { tables: [], indexes: [{ ...bloat, sizeBytes }] },
    });
    expect(told(of(9 * 1024 ** 3))[0]![0]).toBe("info indexes: pgc.i");
    expect(told(of(16 * 1024 ** 3))[0]).toEqual([
      "warning indexes: pgc.i",
      "an estimated 50 % of 16.0 GB is air. Too large for the weekly rebuild",
    ]);
  });
});

describe("jobs", () => {
  const job = {
    ...{
      jobName: "dgm-x",
      schedule: "1 1 * * *",
      login: "dgm_service",
      active: true,
      lastStart: null,
      lastEnd: null,
    },
    ...{ lastStatus: null, lastMessage: null, lastSuccess: null, failures7d: 0 },
  };

  test.each([
    [{}, []],
    [{ active: false }, ["warning jobs: dgm-x"]],
    [{ lastStatus: "failed" }, ["warning jobs: dgm-x"]],
    [{ lastStatus: "succeeded", failures7d: 2 }, ["info jobs: dgm-x"]],
    [{ lastStatus: "running", lastStart: "2026-11-21T11:50:00.000Z" }, []],
    [{ lastStatus: "running", lastStart: "2026-11-21T11:40:00.000Z" }, ["warning jobs: dgm-x"]],
  ])("%j", (trouble, expected) => {
    expect(told({ jobs: [{ ...job, ...trouble }] }).map(([head]) => head)).toEqual(expected);
  });
});

test("a primary without pg_cron, which a replica never has", () => {
  const idle = [member("postgres-1", { schedulerRunning: false }), member("postgres-2")];
  expect(told({ members: idle })).toEqual([
    ["critical jobs: pg_cron on postgres-1", expect.stringContaining("is not at work")],
  ]);
});

test("the most urgent comes first, and --fail-on looks at the worst", () => {
  const found = adviseOn(
    healthy({
      replication: [],
      jobs: [],
      members: [member("postgres-1", { statementsEvicted: 3 }), member("postgres-2")],
    }),
  );
  expect(found.map(({ severity }) => severity)).toEqual(["critical", "info"]);
  expect(reaches(found, "warning")).toBe(true);
  expect(reaches(found.slice(1), "warning")).toBe(false);
  expect(reaches(found.slice(1), "info")).toBe(true);
});

import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../../testing/eventually.ts";
import {
  failure,
  rows,
  SETTINGS,
  startAppliedDatabase,
  startStackDatabaseWith,
} from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

const PREMAKE = Number(SETTINGS["acgs.partition_premake_months"]);
const ROUND = "CALL platform.partition_round('dgm', true, NULL)";

interface Step {
  table_name: string;
  partition_name: string;
  action: "created" | "altered" | "dropped" | "skipped";
  detail: string | null;
}
type Coverage = Record<string, { partition: string; sqlstate: string; reason: string }[]>;

let database: StackDatabase;
let admin: pg.Client;
/** Acts as the login that pg_cron starts the rounds as. */
let upkeep: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("dgm");
  admin = await database.connect();
  upkeep = await asUpkeep(database);
});
afterAll(() => database?.stop());

async function asUpkeep(on: StackDatabase): Promise<pg.Client> {
  const client = await on.connect();
  await client.query("SET SESSION AUTHORIZATION acgs_upkeep");
  return client;
}

const round = async (): Promise<Step[]> => (await rows(upkeep, ROUND))[0] as Step[];
/** What a round did, as `action partition`. */
const words = (steps: Step[]): string[] =>
  steps.map((step) => `${step.action} ${step.partition_name}`).sort();
const byHand = async (): Promise<Record<string, unknown>> =>
  (await rows(admin, "SELECT dgm.daily_partition_maintenance()"))[0] as Record<string, unknown>;
/** The partitions that the view for monitors names as skipped, by table. */
const named = async (): Promise<Coverage> =>
  Object.fromEntries(
    (await rows(
      await database.connect("acgs_monitor"),
      "SELECT table_name, skipped FROM platform.partition_coverage WHERE skipped <> '[]'",
    )) as [string, []][],
  );
/** Name of the partition of the month that lies so far from the current one. */
const month = async (table: string, offset: number): Promise<string> =>
  (
    await rows(
      admin,
      `SELECT platform.partition_name($1, (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => $2))::date)`,
      [table, offset],
    )
  )[0] as string;
/** Makes months that retention does not keep. */
const backlog = (from: string, to: string, ...tables: string[]): Promise<unknown[]> =>
  rows(
    admin,
    `SELECT steps.action FROM platform.partition_policies p, platform.ensure_months(p, $1, $2) AS steps
     WHERE p.table_name = ANY ($3)`,
    [from, to, tables],
  );

/** An oddity of one partition: how it comes to be, what it is skipped for, how it is mended. */
interface Oddity {
  title: string;
  make: () => Promise<string>;
  sqlstate: string;
  reason: RegExp;
  mend: (partition: string) => Promise<unknown>;
}

const ODDITIES: Oddity[] = [
  {
    title: "a table that was detached holds the name of the next month",
    make: async () => {
      const partition = await month("performance_metrics", 1);
      await admin.query(`ALTER TABLE dgm.performance_metrics DETACH PARTITION dgm.${partition}`);
      return partition;
    },
    sqlstate: "42P07",
    reason: /already exists/,
    mend: (partition) => admin.query(`DROP TABLE dgm.${partition}`),
  },
  {
    title: "a view looks at a month that is past the retention",
    make: async () => {
      await backlog("2019-11-01", "2019-12-01", "constitutional_compliance_logs");
      await admin.query(
        "CREATE VIEW public.look AS SELECT * FROM dgm.constitutional_compliance_logs_y2019m12",
      );
      return "constitutional_compliance_logs_y2019m12";
    },
    sqlstate: "2BP01",
    reason: /view public\.look depends on/,
    mend: () => admin.query("DROP VIEW public.look"),
  },
  {
    title: "a foreign key points to a month that is past the retention",
    make: async () => {
      await backlog("2019-11-01", "2019-12-01", "performance_metrics");
      await admin.query(
        `CREATE TABLE public.points (id bigint, at timestamptz, CONSTRAINT points_fkey
           FOREIGN KEY (id, at) REFERENCES dgm.performance_metrics_y2019m12 (id, "timestamp"))`,
      );
      return "performance_metrics_y2019m12";
    },
    sqlstate: "2BP01",
    reason: /constraint points_fkey on table public\.points depends on/,
    mend: () => admin.query("DROP TABLE public.points"),
  },
  {
    title: "a DEFAULT partition has rows of a month that is to be made",
    make: async () => {
      const partition = await month("performance_metrics", PREMAKE);
      await admin.query(
        `DROP TABLE dgm.${partition};
         CREATE TABLE dgm.metrics_rest PARTITION OF dgm.performance_metrics DEFAULT;
         INSERT INTO dgm.performance_metrics ("timestamp", service_name, metric_type, metric_name, metric_value)
         VALUES (date_trunc('month', now(), 'UTC') + interval '${PREMAKE} months 2 days', 's', 'latency', 'stray', 1)`,
      );
      return partition;
    },
    sqlstate: "23514",
    reason: /default partition "metrics_rest"/,
    mend: () => admin.query("DROP TABLE dgm.metrics_rest"),
  },
  {
    title: "a DETACH CONCURRENTLY was interrupted",
    make: async () => {
      const partition = await month("performance_metrics", 1);
      const reader = await database.connect();
      await reader.query("BEGIN; SELECT count(*) FROM dgm.performance_metrics");
      const detaching = await database.connect();
      const [pid] = await rows(detaching, "SELECT pg_backend_pid()");
      const ended = failure(
        detaching,
        `ALTER TABLE dgm.performance_metrics DETACH PARTITION dgm.${partition} CONCURRENTLY`,
      );
      await eventually("a month is being detached", async () =>
        (await rows(admin, "SELECT 1 FROM pg_inherits WHERE inhdetachpending")).at(0),
      );
      await admin.query("SELECT pg_cancel_backend($1)", [pid]);
      expect(await ended).toBe("57014");
      await reader.query("ROLLBACK");
      return partition;
    },
    sqlstate: "55000",
    reason:
      /Where nobody runs it any more: ALTER TABLE dgm\.performance_metrics DETACH PARTITION .* FINALIZE;$/,
    mend: async (partition) => {
      await admin.query(`ALTER TABLE dgm.performance_metrics DETACH PARTITION dgm.${partition} FINALIZE`);
      await admin.query(`DROP TABLE dgm.${partition}`);
    },
  },
  {
    title: "a partition that is to be changed belongs to somebody else",
    make: async () => {
      const partition = await month("performance_metrics", 2);
      await admin.query(`ALTER TABLE dgm.${partition} OWNER TO postgres`);
      await admin.query(
        `UPDATE platform.partition_policies SET storage_parameters = storage_parameters
           || '{"autovacuum_vacuum_threshold": 77}' WHERE table_name = 'performance_metrics'`,
      );
      return partition;
    },
    sqlstate: "42501",
    reason: /must be owner of table/,
    mend: (partition) => admin.query(`ALTER TABLE dgm.${partition} OWNER TO acgs_owner`),
  },
];

describe("one odd partition", () => {
  test.each(ODDITIES)("($title) is named with its reason, and all else is done", async (odd) => {
    const partition = await odd.make();
    // What is before it by name, behind it, and of other tables.
    const others = await Promise.all([
      month("constitutional_compliance_logs", PREMAKE),
      month("dgm_archive", PREMAKE),
    ]);
    await admin.query(`DROP TABLE ${others.map((name) => `dgm.${name}`).join(", ")}`);
    await backlog("2018-01-01", "2018-01-01", "performance_metrics", "constitutional_compliance_logs");
    // In one transaction, by hand. What that has no room for, the round does.
    const done = await byHand();
    expect(done.created).toEqual(expect.arrayContaining(others));
    expect(done.skipped).toEqual(
      expect.arrayContaining([
        { partition, reason: expect.stringMatching(`^${odd.sqlstate}: .*${odd.reason.source}`) as string },
      ]),
    );
    const steps = await round();
    expect(steps.filter(({ action }) => action === "skipped")).toEqual([
      expect.objectContaining({
        partition_name: partition,
        detail: expect.stringMatching(odd.reason) as string,
      }),
    ]);
    expect(Object.values(await named()).flat()).toEqual([
      expect.objectContaining({
        partition,
        sqlstate: odd.sqlstate,
        reason: expect.stringMatching(odd.reason) as string,
      }),
    ]);
    expect(
      await rows(
        admin,
        "SELECT relname FROM pg_class WHERE relname ~ '_y201[89]m[0-9]+$' AND relname <> $1",
        [partition],
      ),
    ).toEqual([]);
    await odd.mend(partition);
    expect((await round()).filter(({ action }) => action === "skipped")).toEqual([]);
    expect(await named()).toEqual({});
    expect(await round()).toEqual([]);
  });

  test("that is published or has an invalid index is nothing odd", async () => {
    await backlog("2019-12-01", "2019-12-01", "performance_metrics");
    const old = "performance_metrics_y2019m12";
    await admin.query(`CREATE PUBLICATION somebodys FOR TABLE dgm.${old}`);
    await admin.query(`UPDATE pg_index SET indisvalid = false WHERE indrelid = 'dgm.${old}'::regclass`);
    expect(words(await round())).toEqual([`dropped ${old}`]);
    await admin.query("DROP PUBLICATION somebodys");
  });

  test("does not stop an update: the files that keep the partitions run through, and say what they skipped", async () => {
    const partition = await month("performance_metrics", 1);
    await admin.query(`ALTER TABLE dgm.performance_metrics DETACH PARTITION dgm.${partition}`);
    const settings = { ...SETTINGS, "acgs.partition_premake_months": String(PREMAKE + 1) };
    expect(await database.apply(settings)).toContain("dgm/R__upkeep_policy.sql");
    for (const table of ["constitutional_compliance_logs", "dgm_archive", "performance_metrics"]) {
      expect(
        await rows(admin, "SELECT to_regclass($1) IS NOT NULL", [`dgm.${await month(table, PREMAKE + 1)}`]),
      ).toEqual([true]);
    }
    expect(await named()).toMatchObject({ performance_metrics: [{ partition, sqlstate: "42P07" }] });
    await admin.query(`DROP TABLE dgm.${partition}`);
    await database.apply();
    await round();
  });

  test("is told from a policy that fits none, which does stop an update", async () => {
    const keep = (parameters: string): Promise<unknown> =>
      admin.query("SELECT platform.keep_by_month('dgm.performance_metrics', 3, '{}', $1)", [parameters]);
    await expect(keep('{"no_such_parameter": 1}')).rejects.toThrow(
      /no partition of dgm\.performance_metrics is as its policy wants it: 22023: unrecognized parameter/,
    );
    expect(await named()).toEqual({});
  });

  test("does not stop the others when it is a whole table that is gone", async () => {
    await admin.query(
      "INSERT INTO platform.partition_policies (schema_name, table_name, premake_months) VALUES ('dgm', 'absent', 3)",
    );
    await admin.query(`DROP TABLE dgm.${await month("performance_metrics", PREMAKE)}`);
    expect(words(await round())).toEqual([
      `created ${await month("performance_metrics", PREMAKE)}`,
      "skipped absent",
    ]);
    expect(
      await rows(
        admin,
        "SELECT months::int, skipped -> 0 ->> 'sqlstate' FROM platform.partition_coverage WHERE table_name = 'absent'",
      ),
    ).toEqual([[0, "42P01"]]);
    await admin.query("DELETE FROM platform.partition_policies WHERE table_name = 'absent'");
    expect(await rows(admin, "SELECT FROM platform.partition_skips")).toEqual([]);
  });
});

describe("while somebody reads one table for long", () => {
  const READ = 'SELECT count(*) FROM dgm.constitutional_compliance_logs WHERE "timestamp" > now()';
  const TABLES = ["constitutional_compliance_logs", "performance_metrics"];
  let reader: pg.Client;
  let other: pg.Client;

  beforeAll(async () => {
    reader = await database.connect();
    other = await database.connect();
    await other.query("SET lock_timeout = '3s'");
  });

  test("the round keeps nobody from another table, and tries the first one's months once", async () => {
    await backlog("2018-01-01", "2018-12-01", ...TABLES);
    await reader.query("BEGIN; SELECT count(*) FROM dgm.performance_metrics");
    const steps = round();
    await eventually(
      "the round waits for its lock",
      async () =>
        (
          await rows(
            admin,
            `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'dgm.performance_metrics'::regclass
             AND mode = 'AccessExclusiveLock'`,
          )
        ).at(0),
      { every: 20 },
    );
    // At this moment the round has dropped the other table's months.
    expect(await failure(other, "SET lock_timeout = '500ms'")).toBeUndefined();
    expect(await failure(other, READ)).toBeUndefined();
    const done = await steps;
    expect(words(done).filter((word) => word.startsWith("skipped"))).toEqual([
      "skipped performance_metrics_y2018m01",
    ]);
    expect(done.at(-1)!.detail).toMatch(/^55P03: /);
    expect(done.filter(({ action }) => action === "dropped")).toHaveLength(12);
    expect(await named()).toMatchObject({ performance_metrics: [{ sqlstate: "55P03" }] });
    await reader.query("ROLLBACK");
    expect(words(await round()).filter((word) => word.startsWith("dropped"))).toHaveLength(12);
    expect(await named()).toEqual({});
  });

  test("nor does the function of the same name, which keeps its locks until it ends", async () => {
    await backlog("2018-01-01", "2018-06-01", ...TABLES);
    await reader.query("BEGIN; SELECT count(*) FROM dgm.performance_metrics");
    await other.query("SET lock_timeout = '3s'");
    let running = true;
    const done = byHand().finally(() => (running = false));
    while (running) expect(await failure(other, READ)).toBeUndefined();
    expect((await done).dropped).not.toEqual([]);
    await reader.query("ROLLBACK");
    await round();
  });

  test("one that reads only an old month keeps the readers of its table waiting for a moment only", async () => {
    await backlog("2018-01-01", "2018-02-01", "performance_metrics");
    await reader.query("BEGIN; SELECT count(*) FROM dgm.performance_metrics_y2018m01");
    await other.query("SET lock_timeout = '1s'");
    let running = true;
    const done = round().finally(() => (running = false));
    while (running) {
      expect(await failure(other, "SELECT count(*) FROM dgm.performance_metrics")).toBeUndefined();
    }
    expect(words(await done)).toEqual(["skipped performance_metrics_y2018m01"]);
    await reader.query("ROLLBACK");
    await round();
  });
});

test("the rest of a round is there after one that was cut off in the middle", async () => {
  await backlog("2018-01-01", "2018-12-01", "performance_metrics", "constitutional_compliance_logs");
  const reader = await database.connect();
  await reader.query("BEGIN; SELECT count(*) FROM dgm.performance_metrics");
  const cut = await asUpkeep(database);
  await cut.query("SET lock_timeout = 0; SET statement_timeout = '60s'");
  const [pid] = await rows(cut, "SELECT pg_backend_pid()");
  const ended = failure(cut, ROUND);
  await eventually(
    "the round waits",
    async () => (await rows(admin, "SELECT 1 FROM pg_locks WHERE NOT granted AND pid = $1", [pid])).at(0),
    { every: 20 },
  );
  await admin.query("SELECT pg_cancel_backend($1)", [pid]);
  // Not taken for a partition that is odd.
  expect(await ended).toBe("57014");
  expect(await named()).toEqual({});
  expect(await rows(admin, "SELECT to_regclass('dgm.constitutional_compliance_logs_y2018m12')")).toEqual([
    null,
  ]);
  await reader.query("ROLLBACK");
  await round();
});

test("a backlog of 320 months goes, on a server with room for few locks", { timeout: 300_000 }, async () => {
  const small = await startStackDatabaseWith(
    { max_locks_per_transaction: "32", max_connections: "100" },
    "dgm",
  );
  try {
    await small.apply();
    const client = await small.connect();
    await client.query("SET ROLE acgs_owner");
    await client.query(
      `CREATE TABLE dgm.little (at timestamptz PRIMARY KEY, a text, b text) PARTITION BY RANGE (at);
         DO $$ BEGIN FOR i IN 1..12 LOOP EXECUTE format('CREATE INDEX little_%s ON dgm.little (a, b)', i);
         END LOOP; END $$`,
    );
    await client.query("SELECT platform.keep_by_month('dgm.little', 1, '{\"default\": 12}')");
    for (let year = 1990; year < 2017; year++) {
      await client.query(
        `SELECT platform.ensure_months(p, '${year}-01-01', '${year}-12-01') FROM platform.partition_policies p
           WHERE p.table_name = 'little'`,
      );
    }
    const months = async (): Promise<number> =>
      Number((await rows(client, "SELECT count(*) FROM platform.month_partitions('dgm.little')"))[0]);
    expect(await months()).toBeGreaterThan(320);
    // One transaction takes what it has room for, and says that there is more.
    const [done] = (await rows(client, "SELECT dgm.daily_partition_maintenance()")) as [
      { dropped: string[]; skipped: { reason: string }[] },
    ];
    expect(done.dropped.length).toBeGreaterThan(5);
    expect(done.skipped).toEqual([
      expect.objectContaining({ reason: expect.stringContaining("next round") }),
    ]);
    await (await asUpkeep(small)).query(ROUND);
    expect(await months()).toBe(3);
    expect(
      await rows(client, "SELECT skipped FROM platform.partition_coverage WHERE skipped <> '[]'"),
    ).toEqual([]);
  } finally {
    await small.stop();
  }
});

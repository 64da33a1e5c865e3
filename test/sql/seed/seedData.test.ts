import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SERVICE_SCHEMAS } from "../../../lib/names.ts";
import { DAY, monthStart } from "../../../operations/seed/clock.ts";
import { rowCounts, type TableName } from "../../../operations/seed/shares.ts";
import { FillError, seedData, type SeedReport } from "../../../operations/seed/seedData.ts";
import { TABLES } from "../../../operations/seed/tables.ts";
import { rows, startAppliedDatabase, type StackDatabase } from "../../../testing/sqlServer.ts";

const ROWS = 20_000;
/** With so many, some tables take more than one transaction. */
const MORE_ROWS = 90_000;
/** Now, or, at the beginning of a month, some days ahead: so that there are rows of this month in every table. */
const UNTIL = new Date(Math.max(Date.now(), monthStart(Date.now()) + 5 * DAY));

let database: StackDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase(...SERVICE_SCHEMAS);
  admin = await database.connect();
});
afterAll(() => database?.stop());

const connect = (login: string) => database.connect(login);

/** Rows of every table of the services, by name. */
async function counts(): Promise<Record<string, number>> {
  const tables = (await rows(
    admin,
    `SELECT format('%s.%I', nspname, relname) FROM pg_class INNER JOIN pg_namespace ON relnamespace = pg_namespace.oid
     WHERE nspname = ANY ($1) AND relkind IN ('r', 'p') AND NOT relispartition`,
    [SERVICE_SCHEMAS],
  )) as string[];
  const counted: Record<string, number> = {};
  for (const table of tables)
    counted[table] = (await rows(admin, `SELECT count(*)::int FROM ${table}`))[0] as number;
  return counted;
}

/** What a run has added to the tables that it fills. */
async function added(before: Record<string, number>): Promise<Record<string, number>> {
  const after = await counts();
  return Object.fromEntries(TABLES.map(({ name }) => [name, after[name]! - before[name]!]));
}

describe("the first run", () => {
  let before: Record<string, number>;
  let report: SeedReport;

  beforeAll(async () => {
    before = await counts();
    report = await seedData(connect, { rows: ROWS, until: UNTIL });
  });

  test("brings each table its rows, and the account that stands for them", async () => {
    const expected = rowCounts(ROWS);
    expect(await added(before)).toEqual({ ...expected, "auth.users": expected["auth.users"] + 1 });
    expect(report.tables.reduce((sum, table) => sum + table.added, 0)).toBe(ROWS);
  });

  test("leaves no table of any service without rows, those included that are filled from others", async () => {
    const empty = Object.entries(await counts()).filter(([, count]) => count === 0);
    expect(empty).toEqual([]);
    expect(await rows(admin, "SELECT sum(check_count)::int > 0 FROM ac.compliance_summary")).toEqual([true]);
  });

  test("spreads time series over this month and the one before, none of them later than its end", async () => {
    const series = [
      ["auth.audit_logs", "timestamp"],
      ["auth.security_events", "timestamp"],
      ["gs.llm_interactions", "created_at"],
      ["pgc.policy_decisions", "created_at"],
      ["pgc.enforcement_logs", "created_at"],
      ["ec.evolution_metrics", "created_at"],
      ["dgm.performance_metrics", "timestamp"],
      ["dgm.dgm_archive", "created_at"],
      ["dgm.constitutional_compliance_logs", "timestamp"],
      ["integrity.audit_logs", "occurred_at"],
    ];
    for (const [table, column] of series) {
      const spread = await rows(
        admin,
        `SELECT min(${column}) >= $1, max(${column}) < $2, count(DISTINCT date_trunc('month', ${column} AT TIME ZONE 'UTC'))::int
         FROM ${table}`,
        [new Date(monthStart(UNTIL.getTime(), 1)), UNTIL],
      );
      expect(spread[0], table).toEqual([true, true, 2]);
    }
  });

  test("makes an audit trail that its seals agree with", async () => {
    expect(await rows(admin, "SELECT sum(row_count)::int FROM integrity.audit_seals")).toEqual([
      rowCounts(ROWS)["integrity.audit_logs"],
    ]);
  });

  test("makes sessions that the authentication finds", async () => {
    const [found] = await rows(admin, "SELECT count(*)::int FROM auth.authenticated_sessions");
    expect(found).toBeGreaterThan(rowCounts(ROWS)["auth.sessions"] / 2);
  });
});

describe("a second run", () => {
  test("of the same seed does nothing, whatever the time", async () => {
    const before = await counts();
    const steps: string[] = [];
    const report = await seedData(connect, { rows: ROWS, onStep: (what) => steps.push(what) });
    expect(report.tables).toEqual([]);
    expect(steps).toEqual([]);
    expect(report.options.until).toBe(UNTIL.getTime());
    expect(await counts()).toEqual(before);
  });

  test("of the same seed with another size is refused, and nothing has changed", async () => {
    const before = await counts();
    await expect(seedData(connect, { rows: ROWS + 1 })).rejects.toThrow(
      `Seed 1 was used here for ${ROWS} rows over 2 months until ${UNTIL.toISOString()}`,
    );
    expect(await counts()).toEqual(before);
  });

  test("of another seed adds as many again", async () => {
    const before = await counts();
    await seedData(connect, { rows: ROWS, seed: 2 });
    const expected = rowCounts(ROWS);
    expect(await added(before)).toEqual({ ...expected, "auth.users": expected["auth.users"] + 1 });
  });
});

test("a run whose session is ended goes on where it was stopped", async () => {
  const before = await counts();
  const ended: Promise<unknown>[] = [];
  let handed = 0;
  const interrupted = seedData(connect, {
    rows: MORE_ROWS,
    seed: 3,
    onRows(table, count) {
      if (table !== "pgc.policy_decisions" || count < 0) return;
      handed += count;
      // In the midst of the second transaction.
      if (handed > 20_000 && ended.length === 0)
        ended.push(
          admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pgc_service'"),
        );
    },
  });
  await expect(interrupted).rejects.toThrow(FillError);
  await Promise.all(ended);
  const expected = rowCounts(MORE_ROWS);
  const halfway = await added(before);
  expect(halfway["pgc.policy_decisions"]).toBe(20_000);

  const report = await seedData(connect, { rows: MORE_ROWS, seed: 3 });
  expect(report.tables.find(({ name }) => name === "pgc.policy_decisions")?.added).toBe(
    expected["pgc.policy_decisions"] - 20_000,
  );
  expect(await added(before)).toEqual({ ...expected, "auth.users": expected["auth.users"] + 1 });
  // The first run got to none of these, whatever tables it had filled.
  expect(report.steps.map(({ what }) => what)).toEqual(
    expect.arrayContaining(["ac.refresh_compliance_summary()", "dgm.refresh_statistics()"]),
  );
});

describe("months", () => {
  const tables = ["pgc.policy_decisions", "dgm.performance_metrics"] satisfies TableName[];

  test("that have no partition are an error that says how to make them", async () => {
    const before = await counts();
    await expect(seedData(connect, { rows: ROWS, seed: 4, months: 5, tables })).rejects.toThrow(
      /^dgm\.dgm_archive, dgm\.performance_metrics, pgc\.policy_decisions: no partitions for all of [\s\S]*platform\.ensure_months/,
    );
    expect(await counts()).toEqual(before);
  });

  test("that retention would drop at night are an error", async () => {
    const asked = { rows: ROWS, seed: 4, months: 14, tables: ["pgc.policy_decisions"], makesMonths: true };
    await expect(seedData(connect, asked)).rejects.toThrow(/pgc\.policy_decisions \(12 months\)/);
  });

  test("are made where a superuser is at hand, and filled", async () => {
    await seedData(connect, {
      rows: ROWS,
      seed: 5,
      months: 5,
      tables,
      makesMonths: true,
      until: UNTIL,
    });
    const months = await rows(
      admin,
      `SELECT count(DISTINCT tableoid)::int FROM pgc.policy_decisions WHERE id < 0
       UNION ALL SELECT count(DISTINCT tableoid)::int FROM dgm.performance_metrics WHERE id < 0`,
    );
    expect(months).toEqual([5, 5]);
    // Owned as all are, so that upkeep can drop them.
    const owners = await rows(
      admin,
      "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relname LIKE 'policy\\_decisions\\_y%' AND relkind = 'r'",
    );
    expect(owners).toEqual(["acgs_owner"]);
  });
});

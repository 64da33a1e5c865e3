import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SERVICE_SCHEMAS } from "../../../lib/names.ts";
import { PARTITIONED_TABLES } from "../../../components/migrations/retention.ts";
import { SETTINGS, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

let database: StackDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase(...SERVICE_SCHEMAS);
  admin = await database.connect();
});
afterAll(() => database?.stop());

test("one database holds all services' files, and a second run has nothing to do", async () => {
  expect(await database.apply()).toEqual([]);
  expect(
    await rows(admin, "SELECT DISTINCT schema FROM deploy.ledger WHERE schema <> 'platform' ORDER BY 1"),
  ).toEqual([...SERVICE_SCHEMAS].sort());
});

/** Lives as long as the trail that it seals: nobody names it. */
const SEALS = "integrity.audit_seal_entries";

test("the tables that the configuration can name are those that are partitioned", async () => {
  const partitioned = await rows(
    admin,
    `SELECT oid::regclass::text FROM pg_class
     WHERE relkind = 'p' AND NOT relispartition ORDER BY 1`,
  );
  expect(partitioned).toEqual([...PARTITIONED_TABLES, SEALS].sort());
  const kept = await rows(
    admin,
    "SELECT format('%s.%s', schema_name, table_name), premake_months, retention_months FROM platform.partition_policies ORDER BY 1",
  );
  const premake = Number(SETTINGS["acgs.partition_premake_months"]);
  expect(kept).toEqual(
    [...PARTITIONED_TABLES, SEALS]
      .sort()
      .map((table) => [table, premake, table.startsWith("integrity.") ? null : 12]),
  );
});

test("every schema with partitions has its nightly round, and no two jobs begin in the same minute of the night", async () => {
  const jobs = (await rows(admin, "SELECT jobname, schedule FROM cron.job ORDER BY 1")) as [string, string][];
  const schemas = new Set(PARTITIONED_TABLES.map((table) => table.split(".")[0]!));
  for (const schema of schemas) {
    expect(jobs.map(([name]) => name)).toContain(`${schema}-daily-partition-maintenance`);
  }
  const daily = jobs.map(([, schedule]) => schedule).filter((schedule) => /^\d+ \d+ /.test(schedule));
  const moments = daily.map((schedule) => schedule.split(" ").slice(0, 2).join(" "));
  expect(new Set(moments).size).toBe(moments.length);
});

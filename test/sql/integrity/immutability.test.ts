import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { picture, runJobs } from "../conventions.ts";
import { failure, rows, SETTINGS, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

const DENIED = "42501";
const PREMAKE = Number(SETTINGS["acgs.partition_premake_months"]);
const RECORD = "INSERT INTO integrity.audit_logs (service_name, action) VALUES ('gs', 'policy.update')";

let database: StackDatabase;
let admin: pg.Client;
let sessions: Record<string, pg.Client>;
/** The partition that takes rows now, one that the daily upkeep has just made, and one made by hand. */
let present: string;
let fresh: string;
let byHand: string;

beforeAll(async () => {
  database = await startAppliedDatabase("integrity");
  admin = await database.connect();
  await admin.query(
    "SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = 'integrity-seal-audit-logs'",
  );
  const logins = ["integrity_service", "acgs_user", "acgs_readonly", "acgs_monitor"];
  sessions = Object.fromEntries(
    await Promise.all(logins.map(async (login) => [login, await database.connect(login)] as const)),
  );
  const partitions = (await rows(
    admin,
    "SELECT partition::text FROM platform.month_partitions('integrity.audit_logs') ORDER BY lower_bound",
  )) as string[];
  present = partitions[1]!;
  fresh = partitions.at(-1)!;
  await admin.query(`DROP TABLE ${fresh}`);
  await sessions.integrity_service!.query("SELECT integrity.daily_partition_maintenance()");
  byHand = `integrity.${(
    await rows(
      admin,
      `SELECT platform.partition_name(
         'audit_logs', (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => $1))::date)`,
      [PREMAKE + 1],
    )
  ).join("")}`;
  await admin.query(
    `SET ROLE acgs_owner;
     DO $$ BEGIN EXECUTE format('CREATE TABLE ${byHand} PARTITION OF integrity.audit_logs FOR VALUES FROM (%L) TO (%L)',
       date_trunc('month', now(), 'UTC') + interval '${PREMAKE + 1} months',
       date_trunc('month', now(), 'UTC') + interval '${PREMAKE + 2} months'); END $$;
     RESET ROLE`,
  );
  for (const login of ["integrity_service", "acgs_user"]) await sessions[login]!.query(RECORD);
  await sessions.integrity_service!.query("SELECT integrity.seal_audit_logs()");
  // A row in each of the others: what has no rows refuses nothing by row.
  await admin.query(
    `INSERT INTO integrity.audit_logs (service_name, action, created_at)
     SELECT 'gs', 'policy.update', lower_bound FROM platform.month_partitions('integrity.audit_logs')`,
  );
});
afterAll(() => database?.stop());

/** What is refused, without a trace. */
async function refusals(client: pg.Client, statements: string[]): Promise<(string | undefined)[]> {
  const codes = [];
  for (const statement of statements) {
    await client.query("BEGIN");
    codes.push(await failure(client, statement));
    await client.query("ROLLBACK");
  }
  return codes;
}

const changes = (table: string): string[] => [
  `UPDATE ${table} SET action = 'nothing'`,
  `DELETE FROM ${table}`,
  `TRUNCATE ${table}`,
];
const all = <T>(list: unknown[], value: T): T[] => list.map(() => value);

describe("an audit entry", () => {
  test("gets number, time, transaction and login from the server", async () => {
    const { rows: found } = await sessions.acgs_user!.query(
      `${RECORD} RETURNING id > 0 AS id, created_at = now() AS now, recorded_xid = pg_current_xact_id() AS xid, recorded_by`,
    );
    expect(found).toEqual([{ id: true, now: true, xid: true, recorded_by: "acgs_user" }]);
  });

  test.each(["integrity_service", "acgs_user"])("cannot be forged by %s", async (login) => {
    const forge = (table: string): string[] =>
      [
        ["id", "1"],
        ["created_at", "now()"],
        ["recorded_xid", "'7'"],
        ["recorded_by", "'auth_service'"],
      ].map(
        ([column, value]) =>
          `INSERT INTO ${table} (service_name, action, ${column}) VALUES ('gs', 'policy.update', ${value})`,
      );
    for (const table of ["integrity.audit_logs", present, fresh]) {
      expect(await refusals(sessions[login]!, forge(table))).toEqual(all(forge(table), DENIED));
    }
    for (const partition of [present, fresh]) {
      const direct = RECORD.replace("integrity.audit_logs", partition);
      expect(await refusals(sessions[login]!, [direct])).toEqual([DENIED]);
    }
  });

  test.each(["integrity_service", "acgs_user", "acgs_readonly"])(
    "cannot be changed, deleted or truncated by %s, in no partition",
    async (login) => {
      for (const table of ["integrity.audit_logs", present, fresh, byHand]) {
        expect(await refusals(sessions[login]!, changes(table))).toEqual([DENIED, DENIED, DENIED]);
      }
    },
  );

  test("in a partition made by hand is protected too, from TRUNCATE by its owner after the next upkeep", async () => {
    const direct = RECORD.replace("integrity.audit_logs", byHand).replace(
      "(service_name, action) VALUES ('gs'",
      "(created_at, service_name, action) VALUES (now() + make_interval(months => " +
        (PREMAKE + 1) +
        "), 'gs'",
    );
    expect(await refusals(sessions.integrity_service!, [direct])).toEqual([DENIED]);
    expect(await refusals(admin, [`TRUNCATE ${byHand}`])).toEqual([undefined]);
    expect(
      await rows(
        sessions.integrity_service!,
        "SELECT integrity.daily_partition_maintenance() -> 'protected'",
      ),
    ).toEqual([[byHand]]);
    expect(await refusals(admin, [`TRUNCATE ${byHand}`])).toEqual([DENIED]);
  });

  test("cannot be changed by the owner either, unless the owner ends the protection first", async () => {
    const owner = await database.connect();
    await owner.query("SET ROLE acgs_owner");
    for (const table of ["integrity.audit_logs", present, fresh, byHand]) {
      expect(await refusals(owner, changes(table))).toEqual([DENIED, DENIED, DENIED]);
    }
    await owner.query("BEGIN; ALTER TABLE integrity.audit_logs DISABLE TRIGGER refuse_change");
    expect((await owner.query("DELETE FROM integrity.audit_logs")).rowCount).toBeGreaterThan(0);
    await owner.query("ROLLBACK");
  });

  test("is kept from a superuser's slip, also where triggers are switched off for replication", async () => {
    for (const role of ["origin", "replica"]) {
      await admin.query(`SET session_replication_role = ${role}`);
      for (const table of ["integrity.audit_logs", present, fresh]) {
        expect(await refusals(admin, changes(table))).toEqual([DENIED, DENIED, DENIED]);
      }
    }
    await admin.query("RESET session_replication_role");
  });
});

describe("a seal", () => {
  test("is made by the service's function only, and is as immutable as what it seals", async () => {
    const seals = ["integrity.audit_seals", "integrity.audit_seal_entries"];
    expect(await rows(admin, "SELECT count(*) > 0 FROM integrity.audit_seals")).toEqual([true]);
    const leaf = (
      await rows(
        admin,
        "SELECT tableoid::regclass::text FROM integrity.audit_seal_entries ORDER BY seal_number DESC LIMIT 1",
      )
    )[0] as string;
    for (const table of [...seals, leaf]) {
      const statements = [
        `INSERT INTO ${table} SELECT * FROM ${table}`,
        `UPDATE ${table} SET sealed_at = now()`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table}`,
      ];
      for (const login of ["integrity_service", "acgs_user", "acgs_readonly"]) {
        expect(await refusals(sessions[login]!, statements)).toEqual(all(statements, DENIED));
      }
      expect(await refusals(admin, statements.slice(1))).toEqual([DENIED, DENIED, DENIED]);
    }
  });

  test.each([
    ["integrity_service", "SELECT integrity.seal_audit_logs()", undefined],
    ["integrity_service", "SELECT integrity.spot_check_audit_chain()", undefined],
    ["integrity_service", "SELECT integrity.protect_audit_partitions()", DENIED],
    ["acgs_user", "SELECT integrity.seal_audit_logs()", DENIED],
    ["acgs_user", "SELECT integrity.daily_partition_maintenance()", DENIED],
    ["acgs_user", RECORD, undefined],
    ["acgs_readonly", RECORD, DENIED],
    ["acgs_readonly", "SELECT * FROM integrity.verify_audit_chain()", undefined],
    ["acgs_readonly", "SELECT * FROM integrity.audit_chain_head", undefined],
    ["acgs_readonly", "SELECT integrity.seal_audit_logs()", DENIED],
    ["acgs_monitor", "SELECT unsealed_since FROM integrity.audit_chain_head", undefined],
  ])("%s: %s", async (login, statement, expected) => {
    expect(await failure(sessions[login]!, statement)).toBe(expected);
  });
});

describe("the upkeep", () => {
  test("runs every job as its login, in the time it has", async () => {
    await database.apply();
    await admin.query("DELETE FROM deploy.ledger WHERE file = 'R__upkeep_schedule.sql'");
    await database.apply();
    const jobs = await runJobs(admin, sessions.integrity_service!, "integrity");
    expect(Object.keys(jobs)).toEqual([
      "integrity-daily-partition-maintenance",
      "integrity-protect-audit-partitions",
      "integrity-refresh-statistics",
      "integrity-seal-audit-logs",
      "integrity-spot-check-audit-chain",
    ]);
  });

  test("comes out the same when every repeatable file runs again, and then nothing runs", async () => {
    await database.apply();
    const before = await picture(admin, "integrity");
    expect(before.length).toBeGreaterThan(100);
    await admin.query("DELETE FROM deploy.ledger WHERE kind = 'repeatable' AND schema = 'integrity'");
    const ran = await database.apply();
    expect(ran.length).toBe(12);
    expect(ran.filter((file) => file.includes("/V"))).toEqual([]);
    expect(await picture(admin, "integrity")).toEqual(before);
    expect(await database.apply()).toEqual([]);
  });
});

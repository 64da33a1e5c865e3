import { randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../../testing/eventually.ts";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

let database: StackDatabase;
let admin: pg.Client;
let one: pg.Client;
let two: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("dgm");
  admin = await database.connect();
  one = await database.connect("dgm_service");
  two = await database.connect("dgm_service");
});
afterAll(() => database?.stop());

const ARCHIVE =
  "INSERT INTO dgm.dgm_archive (improvement_id, status, created_at) VALUES ($1, $2, coalesce($3, now()))";
const METRIC =
  "INSERT INTO dgm.performance_metrics (service_name, metric_type, metric_name, metric_value, improvement_id) " +
  "VALUES ('s', 'latency', 'm', 1, $1)";
const MOVE = "UPDATE dgm.dgm_archive SET status = $2 WHERE improvement_id = $1";

async function archived(status = "pending"): Promise<string> {
  const id = randomUUID();
  await one.query(ARCHIVE, [id, status, null]);
  return id;
}

/** Where an improvement is: status in archive and registry, and the partition's ending. */
const whereabouts = (id: string): Promise<unknown[]> =>
  rows(
    admin,
    `SELECT a.status, i.status, regexp_replace(a.tableoid::regclass::text, '^.*_y[0-9]{4}m[0-9]{2}_', '')
     FROM dgm.dgm_archive a FULL JOIN dgm.improvements i USING (improvement_id) WHERE improvement_id = $1`,
    [id],
  );

/** Waits until a session waits for a lock. */
async function waiting(client: pg.Client): Promise<void> {
  const pid = (client as unknown as { processID: number }).processID;
  await eventually("the session waits for a lock", async () => {
    const found = await rows(
      admin,
      "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'",
      [pid],
    );
    return found.length > 0;
  });
}

const outcome = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

describe("an improvement", () => {
  test("moves to the sub-partition of its new status, and its references stay", async () => {
    const id = await archived();
    await one.query(METRIC, [id]);
    await one.query("INSERT INTO dgm.improvement_workspaces (improvement_id) VALUES ($1)", [id]);
    for (const status of ["running", "completed", "rolled_back", "pending"]) {
      await one.query(MOVE, [id, status]);
      expect(await whereabouts(id)).toEqual([[status, status, status]]);
    }
    expect(
      await rows(admin, "SELECT count(*)::int FROM dgm.performance_metrics WHERE improvement_id = $1", [id]),
    ).toEqual([1]);
  });

  test("sets timestamp with its status, unless the update does, and updated_at always", async () => {
    const id = await archived();
    await one.query("UPDATE dgm.dgm_archive SET description = 'x' WHERE improvement_id = $1", [id]);
    const read = `SELECT "timestamp" = created_at, updated_at > created_at, "timestamp" = '2020-01-01'
                  FROM dgm.dgm_archive WHERE improvement_id = $1`;
    expect(await rows(admin, read, [id])).toEqual([[true, true, false]]);
    await one.query(MOVE, [id, "running"]);
    expect(await rows(admin, read, [id])).toEqual([[false, true, false]]);
    await one.query(
      `UPDATE dgm.dgm_archive SET status = 'failed', "timestamp" = '2020-01-01' WHERE improvement_id = $1`,
      [id],
    );
    expect(await rows(admin, read, [id])).toEqual([[false, true, true]]);
  });

  test("occurs once: in another month, with another status, or in the same place", async () => {
    const id = await archived();
    const lastMonth = new Date(Date.now() - 25 * 86_400_000);
    expect(await failure(one, ARCHIVE, [id, "pending", null])).toBe("23505");
    expect(await failure(one, ARCHIVE, [id, "completed", null])).toBe("23505");
    expect(await failure(one, ARCHIVE, [id, "pending", lastMonth])).toBe("23505");
    const same = "INSERT INTO dgm.dgm_archive SELECT * FROM dgm.dgm_archive WHERE improvement_id = $1";
    expect(await failure(one, same, [id])).toBe("23505");
    const upsert = `${same} ON CONFLICT (improvement_id, created_at, status) DO UPDATE SET description = 'seen'`;
    expect(await failure(one, upsert, [id])).toBeUndefined();
    expect(
      await rows(admin, "SELECT description FROM dgm.dgm_archive WHERE improvement_id = $1", [id]),
    ).toEqual(["seen"]);
  });

  test("keeps its id and its creation time", async () => {
    const id = await archived();
    expect(
      await failure(one, "UPDATE dgm.dgm_archive SET created_at = now() WHERE improvement_id = $1", [id]),
    ).toBe("23000");
    expect(
      await failure(
        one,
        "UPDATE dgm.dgm_archive SET improvement_id = gen_random_uuid() WHERE improvement_id = $1",
        [id],
      ),
    ).toBe("23000");
  });

  test("can be deleted while nothing references it, and archived again", async () => {
    const id = await archived("completed");
    await one.query("DELETE FROM dgm.dgm_archive WHERE improvement_id = $1", [id]);
    expect(await whereabouts(id)).toEqual([]);
    await one.query(ARCHIVE, [id, "failed", null]);
    expect(await whereabouts(id)).toEqual([["failed", "failed", "failed"]]);
  });

  test.each([
    ["performance_metrics", METRIC],
    [
      "constitutional_compliance_logs",
      "INSERT INTO dgm.constitutional_compliance_logs (service_name, compliance_level, compliance_score, improvement_id) VALUES ('s', 'compliant', 1, $1)",
    ],
    ["improvement_workspaces", "INSERT INTO dgm.improvement_workspaces (improvement_id) VALUES ($1)"],
  ])("must be there for %s, and stays while these reference it", async (table, statement) => {
    expect(await failure(one, statement, [randomUUID()])).toBe("23503");
    const id = await archived("running");
    await one.query(statement, [id]);
    expect(await failure(one, "DELETE FROM dgm.dgm_archive WHERE improvement_id = $1", [id])).toBe("23503");
    expect(await whereabouts(id)).toEqual([["running", "running", "running"]]);
    await admin.query(`DELETE FROM dgm.${table} WHERE improvement_id = $1`, [id]);
    await one.query("DELETE FROM dgm.dgm_archive WHERE improvement_id = $1", [id]);
  });

  test("has one workspace", async () => {
    const id = await archived();
    const workspace = "INSERT INTO dgm.improvement_workspaces (improvement_id) VALUES ($1)";
    await one.query(workspace, [id]);
    expect(await failure(one, workspace, [id])).toBe("23505");
  });
});

describe("two sessions", () => {
  test("cannot archive the same improvement: the second waits, then fails", async () => {
    const id = randomUUID();
    await one.query("BEGIN");
    await one.query(ARCHIVE, [id, "pending", null]);
    const second = outcome(two.query(ARCHIVE, [id, "completed", null]));
    await waiting(two);
    await one.query("COMMIT");
    expect(await second).toBe("23505");
    expect(await whereabouts(id)).toEqual([["pending", "pending", "pending"]]);
  });

  test("and the second succeeds when the first gives up", async () => {
    const id = randomUUID();
    await one.query("BEGIN");
    await one.query(ARCHIVE, [id, "pending", null]);
    const second = outcome(two.query(ARCHIVE, [id, "completed", null]));
    await waiting(two);
    await one.query("ROLLBACK");
    expect(await second).toBeUndefined();
    expect(await whereabouts(id)).toEqual([["completed", "completed", "completed"]]);
  });

  test.each(["pending", "completed"])(
    "cannot slip a second row (status %s) in beside a change from pending to completed",
    async (status) => {
      const id = randomUUID();
      const at = new Date();
      await one.query(ARCHIVE, [id, "pending", at]);
      await one.query("BEGIN");
      await one.query(MOVE, [id, "completed"]);
      const second = outcome(two.query(ARCHIVE, [id, status, at]));
      await waiting(two);
      await one.query("COMMIT");
      expect(await second).toBe("23505");
      expect(await whereabouts(id)).toEqual([["completed", "completed", "completed"]]);
    },
  );

  test("cannot change the status between the check of a second row and its insertion", async () => {
    // A trigger after the registry's holds the second row back in just that moment.
    await admin.query(`
      CREATE FUNCTION dgm.hold_back() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN new; END $$;
      GRANT EXECUTE ON FUNCTION dgm.hold_back() TO dgm_service;
      CREATE TRIGGER zz_hold_back BEFORE INSERT ON dgm.dgm_archive FOR EACH ROW
      WHEN (new.description = 'second') EXECUTE FUNCTION dgm.hold_back()`);
    const id = randomUUID();
    const at = new Date();
    await one.query(ARCHIVE, [id, "pending", at]);
    await admin.query("SELECT pg_advisory_lock(42)");
    const second = outcome(
      two.query(
        "INSERT INTO dgm.dgm_archive (improvement_id, created_at, description) VALUES ($1, $2, 'second')",
        [id, at],
      ),
    );
    await waiting(two);
    const move = outcome(one.query(MOVE, [id, "completed"]));
    const moveWaits = waiting(one).then(
      () => true,
      () => false,
    );
    expect.soft(await moveWaits).toBe(true);
    await admin.query("SELECT pg_advisory_unlock(42)");
    expect.soft(await second).toBe("23505");
    expect.soft(await move).toBeUndefined();
    expect.soft(await whereabouts(id)).toEqual([["completed", "completed", "completed"]]);
    await admin.query("DROP TRIGGER zz_hold_back ON dgm.dgm_archive; DROP FUNCTION dgm.hold_back()");
  });

  test("do not wait for each other: references are added while the status changes, and the other way round", async () => {
    const id = await archived();
    await one.query("BEGIN");
    await one.query(MOVE, [id, "running"]);
    await two.query("SET lock_timeout = '1s'");
    await two.query("BEGIN");
    await two.query(METRIC, [id]);
    await one.query("COMMIT");
    // The reference is not committed yet, and the status changes again.
    await one.query("SET lock_timeout = '1s'");
    await one.query(MOVE, [id, "completed"]);
    await two.query("COMMIT");
    await Promise.all([one.query("RESET lock_timeout"), two.query("RESET lock_timeout")]);
    expect(await whereabouts(id)).toEqual([["completed", "completed", "completed"]]);
  });

  test("cannot delete an improvement and reference it: the reference waits, then fails", async () => {
    const id = await archived();
    await one.query("BEGIN");
    await one.query("DELETE FROM dgm.dgm_archive WHERE improvement_id = $1", [id]);
    const reference = outcome(two.query(METRIC, [id]));
    await waiting(two);
    await one.query("COMMIT");
    expect(await reference).toBe("23503");
  });

  test("archive 16 improvements at once, each tried by four: one row each", async () => {
    const ids = Array.from({ length: 16 }, () => randomUUID());
    const sessions = await Promise.all(Array.from({ length: 4 }, () => database.connect("dgm_service")));
    const results = await Promise.all(
      sessions.map(async (session, i) => {
        let won = 0;
        for (const id of ids) {
          const code = await failure(session, ARCHIVE, [
            id,
            ["pending", "running", "failed", "completed"][i],
            null,
          ]);
          if (code === undefined) won++;
          else expect(code).toBe("23505");
        }
        return won;
      }),
    );
    expect(results.reduce((sum, won) => sum + won)).toBe(16);
    expect(
      await rows(admin, "SELECT count(*)::int FROM dgm.dgm_archive WHERE improvement_id = ANY ($1)", [ids]),
    ).toEqual([16]);
  });
});

test("archive and registry hold the same improvements in the same state after all this", async () => {
  expect(
    await rows(
      admin,
      `SELECT 1 FROM dgm.dgm_archive a FULL JOIN dgm.improvements i USING (improvement_id, created_at, status)
       WHERE a.metadata IS NULL OR i.constitutional_hash IS NULL`,
    ),
  ).toEqual([]);
});

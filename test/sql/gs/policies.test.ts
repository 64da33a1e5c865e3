import { createHash, randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refusedBy } from "../conventions.ts";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

const FROZEN = "23000";
const NO_SUCH_WAY = "policies_status_transition";

let database: StackDatabase;
let admin: pg.Client;
let one: pg.Client;
let two: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("gs");
  admin = await database.connect();
  one = await database.connect("gs_service");
  two = await database.connect("gs_service");
});
afterAll(() => database?.stop());

let names = 0;
/** The name of a policy that no other test uses. */
const newName = (): string => `acgs.test.p${names++}`;

const INSERT = "INSERT INTO gs.policies (name, version, content) VALUES ($1, $2, $3) RETURNING id";
const draft = async (name: string, version = 1): Promise<string> =>
  (await rows(one, INSERT, [name, version, `package v${version}`]))[0] as string;

const STEPS: Record<string, string> = {
  in_review: "UPDATE gs.policies SET status = 'in_review' WHERE id = $1",
  draft: "UPDATE gs.policies SET status = 'draft' WHERE id = $1",
  approved: "UPDATE gs.policies SET status = 'approved', approved_by = gen_random_uuid() WHERE id = $1",
  active: "UPDATE gs.policies SET status = 'active' WHERE id = $1",
  superseded: "UPDATE gs.policies SET status = 'superseded' WHERE id = $1",
  retired: "UPDATE gs.policies SET status = 'retired' WHERE id = $1",
  rejected: "UPDATE gs.policies SET status = 'rejected' WHERE id = $1",
};
/** How a draft comes to each status. */
const PATHS: Record<string, string[]> = {
  draft: [],
  in_review: ["in_review"],
  approved: ["in_review", "approved"],
  active: ["in_review", "approved", "active"],
  superseded: ["in_review", "approved", "active", "superseded"],
  retired: ["in_review", "approved", "retired"],
  rejected: ["in_review", "rejected"],
};
const ALLOWED: Record<string, string[]> = {
  draft: ["in_review", "rejected"],
  in_review: ["draft", "approved", "rejected"],
  approved: ["active", "retired"],
  active: ["superseded", "retired"],
  superseded: ["active", "retired"],
  retired: [],
  rejected: [],
};

async function policy(status: string, name = newName(), version = 1): Promise<string> {
  const id = await draft(name, version);
  for (const step of PATHS[status]!) await one.query(STEPS[step]!, [id]);
  return id;
}

const versions = (name: string): Promise<unknown[]> =>
  rows(one, "SELECT version, status, content FROM gs.policies WHERE name = $1 ORDER BY version", [name]);

describe("versions of a policy", () => {
  test("count from 1 without a gap, each once", async () => {
    const name = newName();
    expect(await failure(one, INSERT, [name, 2, "c"])).toBe("23503");
    await draft(name);
    expect(await refusedBy(one, INSERT, [name, 3, "c"])).toBe("policies_previous_version_fkey");
    expect(await refusedBy(one, INSERT, [name, 1, "c"])).toBe("policies_name_version_key");
    expect(await refusedBy(one, INSERT, [name, 0, "c"])).toBe("policies_version_check");
    await draft(name, 2);
    // The first is still a draft, but no longer the last.
    expect(await refusedBy(one, "DELETE FROM gs.policies WHERE name = $1 AND version = 1", [name])).toBe(
      "policies_previous_version_fkey",
    );
    expect(
      await failure(one, "DELETE FROM gs.policies WHERE name = $1 AND version = 2", [name]),
    ).toBeUndefined();
  });

  test("stay readable when the next one is in force", async () => {
    const name = newName();
    const first = await policy("active", name);
    const second = await policy("approved", name, 2);
    await one.query("SELECT gs.activate_policy($1)", [second]);
    expect(await versions(name)).toEqual([
      [1, "superseded", "package v1"],
      [2, "active", "package v2"],
    ]);
    // And back again.
    await one.query("SELECT gs.activate_policy($1)", [first]);
    expect(await versions(name)).toEqual([
      [1, "active", "package v1"],
      [2, "superseded", "package v2"],
    ]);
    const times =
      "SELECT activated_at IS NOT NULL, ended_at IS NOT NULL FROM gs.policies WHERE name = $1 ORDER BY version";
    expect(await rows(one, times, [name])).toEqual([
      [true, false],
      [true, true],
    ]);
    expect(await failure(admin, "DELETE FROM gs.policies WHERE id = $1", [second])).toBe(FROZEN);
  });

  test.each(Object.keys(PATHS))("that are %s go only where they may", async (status) => {
    const id = await policy(status);
    for (const next of Object.keys(PATHS)) {
      await one.query("BEGIN");
      const refused = await refusedBy(one, STEPS[next]!, [id]);
      await one.query("ROLLBACK");
      if (next === status && status !== "approved") expect(refused).toBeUndefined();
      else if (ALLOWED[status]!.includes(next)) expect([next, refused]).toEqual([next, undefined]);
      // An approval names its approver, who must not change afterwards either.
      else
        expect([next, refused]).toEqual([
          next,
          next === "approved" && status !== "draft" ? FROZEN : NO_SUCH_WAY,
        ]);
    }
  });

  test.each(Object.keys(PATHS).filter((status) => status !== "draft"))(
    "that are %s stay as they are",
    async (status) => {
      const id = await policy(status);
      for (const change of [
        "content = 'other'",
        "title = 'other'",
        "risk_level = 'low'",
        "principle_ids = ARRAY[gen_random_uuid()]",
        "change_note = 'other'",
        "created_by = gen_random_uuid()",
        "created_at = now() - interval '1 year'",
        "name = 'acgs.other'",
        "version = 2",
      ]) {
        expect([change, await failure(one, `UPDATE gs.policies SET ${change} WHERE id = $1`, [id])]).toEqual([
          change,
          FROZEN,
        ]);
      }
      expect(await failure(one, "DELETE FROM gs.policies WHERE id = $1", [id])).toBe(FROZEN);
      const open =
        "UPDATE gs.policies SET metadata = '{\"a\": 1}', constitutional_compliance_score = 0.97 WHERE id = $1";
      expect(await failure(one, open, [id])).toBeUndefined();
    },
  );

  test("can be edited and thrown away as drafts, with a hash of the text as it is", async () => {
    const id = await draft(newName());
    const set =
      "UPDATE gs.policies SET content = $2, content_sha256 = '\\x00' WHERE id = $1 RETURNING content_sha256";
    expect(await rows(one, set, [id, "paquet ✓"])).toEqual([
      createHash("sha256").update("paquet ✓", "utf8").digest(),
    ]);
    expect(await failure(one, "UPDATE gs.policies SET version = 2 WHERE id = $1", [id])).toBe(FROZEN);
    expect(await failure(one, "DELETE FROM gs.policies WHERE id = $1", [id])).toBeUndefined();
  });

  test("come into force by approval only, also when they are imported", async () => {
    const imported =
      "INSERT INTO gs.policies (name, content, status, approved_by, approved_at) VALUES ($1, 'c', $2, $3, $4)";
    expect(await refusedBy(one, imported, [newName(), "active", null, null])).toBe("policies_approval_check");
    expect(await refusedBy(one, imported, [newName(), "active", null, new Date()])).toBe(
      "policies_approval_check",
    );
    expect(await refusedBy(one, imported, [newName(), "draft", randomUUID(), new Date()])).toBe(
      "policies_approval_check",
    );
    expect(await refusedBy(one, imported, [newName(), "active", randomUUID(), new Date()])).toBeUndefined();
    expect(await refusedBy(one, "INSERT INTO gs.policies (name, content) VALUES ('Not A Name', 'c')")).toBe(
      "policies_name_check",
    );
  });
});

describe("activate_policy", () => {
  test.each(["draft", "in_review", "rejected", "retired"])(
    "refuses a version that is %s, and leaves the one in force",
    async (status) => {
      const name = newName();
      await policy("active", name);
      const id = await policy(status, name, 2);
      expect(await refusedBy(one, "SELECT gs.activate_policy($1)", [id])).toBe(NO_SUCH_WAY);
      expect((await versions(name))[0]).toEqual([1, "active", "package v1"]);
    },
  );

  test("refuses an id that is none, and changes nothing about the version in force", async () => {
    expect(await failure(one, "SELECT gs.activate_policy($1)", [randomUUID()])).toBe("P0002");
    const id = await policy("active");
    const stamps = "SELECT activated_at, updated_at FROM gs.policies WHERE id = $1";
    const before = await rows(one, stamps, [id]);
    expect(await rows(one, "SELECT (gs.activate_policy($1)).status", [id])).toEqual(["active"]);
    expect(await rows(one, stamps, [id])).toEqual(before);
  });

  test("lets two sessions activate one after the other: the last stays, and one only", async () => {
    const name = newName();
    await policy("active", name);
    const [second, third] = [await policy("approved", name, 2), await policy("approved", name, 3)];
    await one.query("BEGIN");
    await one.query("SELECT gs.activate_policy($1)", [second]);
    const other = failure(two, "SELECT gs.activate_policy($1)", [third]);
    await waiting(two);
    await one.query("COMMIT");
    expect(await other).toBeUndefined();
    expect((await versions(name)).map((row) => (row as string[])[1])).toEqual([
      "superseded",
      "superseded",
      "active",
    ]);
    // Without the function the table itself refuses a second one.
    expect(await refusedBy(one, STEPS.active!, [second])).toBe("policies_one_active_excl");
  });

  test("gives up after 2 s behind another activation", async () => {
    const id = await policy("approved");
    await one.query("BEGIN");
    await one.query("SELECT gs.activate_policy($1)", [id]);
    expect(await failure(two, "SELECT gs.activate_policy($1)", [id])).toBe("55P03");
    await one.query("COMMIT");
  });
});

/** Waits until a session waits for a lock. */
async function waiting(client: pg.Client): Promise<void> {
  const pid = (client as unknown as { processID: number }).processID;
  const look = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'";
  await expect.poll(() => rows(admin, look, [pid]), { timeout: 10_000, interval: 10 }).toEqual([1]);
}

import { createHash } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("auth");
  admin = await database.connect();
  service = await database.connect("auth_service");
  await service.query(
    `INSERT INTO auth.permissions (name, resource, action)
     SELECT 'policy:' || action, 'policy', action FROM unnest(ARRAY['read', 'approve', 'revoke']) AS action`,
  );
});
afterAll(() => database?.stop());

/** The first column of a statement's first row. */
async function one(statement: string, values: unknown[] = []): Promise<string> {
  return (await rows(service, statement, values))[0] as string;
}

const addUser = (name: string): Promise<string> =>
  one("INSERT INTO auth.users (username, email) VALUES ($1, $1 || '@example.org') RETURNING id", [name]);

const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");

const addSession = (user: string, token: string, lasts: string): Promise<string> =>
  one(
    `INSERT INTO auth.sessions (user_id, token_hash, expires_at)
     VALUES ($1, $2, now() + $3::interval) RETURNING id`,
    [user, hashOf(token), lasts],
  );

describe("users", () => {
  test("are unique by name and by address whatever the case, and found in lower case", async () => {
    const add = "INSERT INTO auth.users (username, email) VALUES ($1, $2)";
    expect(await failure(service, add, ["Grace", "Grace@Example.org"])).toBeUndefined();
    expect(await failure(service, add, ["gRACE", "other@example.org"])).toBe("23505");
    expect(await failure(service, add, ["other", "GRACE@EXAMPLE.ORG"])).toBe("23505");
    expect(await failure(service, add, ["Émilie", "emilie@example.org"])).toBeUndefined();
    expect(await failure(service, add, ["émilie", "emilie2@example.org"])).toBe("23505");
    await addUser("hopper");
    expect(await failure(service, "UPDATE auth.users SET username = 'GRACE' WHERE username = 'hopper'")).toBe(
      "23505",
    );
    expect(await one("SELECT email FROM auth.users WHERE username = lower('Grace')")).toBe(
      "grace@example.org",
    );
  });

  test("know when they and their password changed", async () => {
    await addUser("karen");
    const state = `SELECT updated_at > created_at, password_changed_at IS NOT NULL
                   FROM auth.users WHERE username = 'karen'`;
    expect(await rows(service, state)).toEqual([[false, false]]);
    await service.query("UPDATE auth.users SET failed_login_attempts = 1 WHERE username = 'karen'");
    expect(await rows(service, state)).toEqual([[true, false]]);
    await service.query("UPDATE auth.users SET password_hash = '$2b$12$x' WHERE username = 'karen'");
    expect(await rows(service, state)).toEqual([[true, true]]);
  });

  test("take sessions, tokens and roles with them, but not the logs", async () => {
    const id = await addUser("leaver");
    await addSession(id, "leaver's", "1 hour");
    await service.query(
      "INSERT INTO auth.oauth_tokens (user_id, provider, token) VALUES ($1, 'github', 'c')",
      [id],
    );
    await service.query("INSERT INTO auth.mfa_tokens (user_id, secret) VALUES ($1, 'c')", [id]);
    await service.query("INSERT INTO auth.audit_logs (user_id, action) VALUES ($1, 'login')", [id]);
    await service.query("DELETE FROM auth.users WHERE id = $1", [id]);
    const left = (table: string): Promise<string> =>
      one(`SELECT count(*)::int FROM auth.${table} WHERE user_id = $1`, [id]);
    expect([
      await left("sessions"),
      await left("oauth_tokens"),
      await left("mfa_tokens"),
      await left("audit_logs"),
    ]).toEqual([0, 0, 0, 1]);
  });
});

describe("roles", () => {
  const held = (role: string): Promise<unknown[]> =>
    rows(
      service,
      "SELECT permission_name FROM auth.role_permissions JOIN auth.roles r ON r.id = role_id WHERE r.name = $1 ORDER BY 1",
      [role],
    );
  const set = "UPDATE auth.roles SET permissions = $2 WHERE name = $1";

  test("hold permissions that are there, once each, and keep them from going", async () => {
    await service.query(
      `INSERT INTO auth.roles (name, permissions) VALUES ('editor', '["policy:read", "policy:approve", "policy:read"]')`,
    );
    expect(await held("editor")).toEqual(["policy:approve", "policy:read"]);
    expect(await failure(service, set, ["editor", '["policy:read", "policy:burn"]'])).toBe("23503");
    expect(await failure(service, "DELETE FROM auth.permissions WHERE name = 'policy:approve'")).toBe(
      "23503",
    );
    expect(
      await failure(service, "UPDATE auth.permissions SET name = 'x' WHERE name = 'policy:approve'"),
    ).toBe("23503");
    await service.query(set, ["editor", '["policy:read", "policy:revoke"]']);
    expect(await held("editor")).toEqual(["policy:read", "policy:revoke"]);
    expect(
      await failure(service, "DELETE FROM auth.permissions WHERE name = 'policy:approve'"),
    ).toBeUndefined();
  });

  test("are not deleted while somebody has them, and leave nothing when they are", async () => {
    const user = await addUser("mary");
    const role = await one(
      `INSERT INTO auth.roles (name, permissions) VALUES ('auditor', '["policy:read"]') RETURNING id`,
    );
    await service.query("INSERT INTO auth.user_roles (user_id, role_id) VALUES ($1, $2)", [user, role]);
    const twice =
      "INSERT INTO auth.user_roles (user_id, role_id) VALUES ($1, $2) ON CONFLICT (user_id, role_id) DO NOTHING";
    expect(await failure(service, twice, [user, role])).toBeUndefined();
    expect(await failure(service, "DELETE FROM auth.roles WHERE id = $1", [role])).toBe("23503");
    await service.query("DELETE FROM auth.user_roles WHERE role_id = $1", [role]);
    await service.query("DELETE FROM auth.roles WHERE id = $1", [role]);
    expect(await held("auditor")).toEqual([]);
  });
});

describe("the authentication look-up", () => {
  const look = (token: string): Promise<unknown[]> =>
    rows(service, "SELECT username, roles FROM auth.authenticated_sessions WHERE token_hash = $1", [
      hashOf(token),
    ]);

  test("gives the user and the present roles with their permissions", async () => {
    const user = await addUser("joan");
    await addSession(user, "joan's", "1 hour");
    expect(await look("joan's")).toEqual([["joan", {}]]);
    await service.query(
      `INSERT INTO auth.roles (name, permissions) VALUES ('reader', '["policy:read"]'), ('former', '[]')`,
    );
    await service.query(
      `INSERT INTO auth.user_roles (user_id, role_id, expires_at)
       SELECT $1, id, CASE name WHEN 'former' THEN now() - interval '1 second' END
       FROM auth.roles WHERE name IN ('reader', 'former')`,
      [user],
    );
    expect(await look("joan's")).toEqual([["joan", { reader: ["policy:read"] }]]);
    expect(await look("somebody's")).toEqual([]);
  });

  test("gives nothing for a session that has expired or was ended, nor for an inactive user", async () => {
    const user = await addUser("betty");
    await addSession(user, "expired", "-1 second");
    const ended = await addSession(user, "ended", "1 hour");
    await addSession(user, "good", "1 hour");
    await service.query("UPDATE auth.sessions SET is_active = false WHERE id = $1", [ended]);
    expect([await look("expired"), await look("ended"), await look("good")]).toEqual([
      [],
      [],
      [["betty", {}]],
    ]);
    await service.query("UPDATE auth.users SET is_active = false WHERE id = $1", [user]);
    expect(await look("good")).toEqual([]);
  });

  test("finds one session for a token, since a second one is refused", async () => {
    const [one, two] = [await addUser("ida"), await addUser("eva")];
    await addSession(one, "shared", "1 hour");
    await expect(addSession(two, "shared", "1 hour")).rejects.toMatchObject({ code: "23P01" });
  });
});

describe("the logs", () => {
  test.each(["audit_logs", "security_events"])("%s only grow, by way of a partition too", async (log) => {
    const kind = log === "audit_logs" ? "action" : "event_type";
    const where = await one(
      `INSERT INTO auth.${log} (${kind}) VALUES ('login') RETURNING tableoid::regclass`,
    );
    for (const statement of [`UPDATE auth.${log} SET details = '{}'`, `DELETE FROM auth.${log}`]) {
      expect(await failure(service, statement)).toBe("42501");
      const direct = statement.replace(`auth.${log}`, where);
      expect(await failure(service, direct)).toBe("42501");
      // Privileges do not hold for a superuser: what refuses is the trigger.
      await expect(admin.query(direct)).rejects.toMatchObject({
        code: "42501",
        message: expect.stringContaining("can be added, not changed or deleted") as string,
      });
    }
  });

  test("go by month: retention drops what is past it", async () => {
    await admin.query(
      `SELECT platform.ensure_months(p, (now() - interval '14 months')::date, now()::date)
       FROM platform.partition_policies p WHERE schema_name = 'auth' AND table_name = 'audit_logs'`,
    );
    await admin.query(
      `INSERT INTO auth.audit_logs ("timestamp", action) VALUES (now() - interval '13 months 15 days', 'login')`,
    );
    const done = (await rows(service, "SELECT auth.daily_partition_maintenance()"))[0] as {
      dropped: string[];
    };
    expect(done).toMatchObject({ created: [], altered: [], skipped: [] });
    expect(done.dropped).toHaveLength(2);
    const oldest = `SELECT min("timestamp") > now() - interval '13 months' FROM auth.audit_logs`;
    expect(await rows(admin, oldest)).toEqual([true]);
  });
});

describe("the clean-up", () => {
  test("deletes expired sessions, ended or not, in batches, and passes over locked ones", async () => {
    await service.query("DELETE FROM auth.sessions");
    const user = await addUser("jean");
    for (const [token, lasts] of [
      ["a", "-3 minutes"],
      ["b", "-2 minutes"],
      ["c", "-1 minute"],
      ["d", "-1 minute"],
      ["e", "1 hour"],
      ["f", "1 hour"],
    ] as const) {
      await addSession(user, token, lasts);
    }
    const end = "UPDATE auth.sessions SET is_active = false WHERE token_hash = ANY ($1)";
    await service.query(end, [["d", "f"].map(hashOf)]);
    const left = (): Promise<unknown[]> =>
      rows(
        service,
        `SELECT token FROM auth.sessions JOIN unnest(ARRAY['a', 'b', 'c', 'd', 'e', 'f']) AS token
           ON token_hash = encode(sha256(token::bytea), 'hex') ORDER BY 1`,
      );
    const busy = await database.connect("auth_service");
    await busy.query("BEGIN");
    await busy.query("SELECT 1 FROM auth.sessions WHERE token_hash = $1 FOR UPDATE", [hashOf("a")]);
    expect(await one("SELECT auth.cleanup_expired_sessions(1)")).toBe("2");
    expect(await left()).toEqual(["a", "c", "e", "f"]);
    expect(await one("SELECT auth.cleanup_expired_sessions()")).toBe("1");
    await busy.query("ROLLBACK");
    expect(await one("SELECT auth.cleanup_expired_sessions()")).toBe("1");
    expect(await left()).toEqual(["e", "f"]);
  });

  test("deletes tokens that can no longer be used or refreshed, and second factors that have expired", async () => {
    const user = await addUser("fran");
    await service.query(
      `INSERT INTO auth.oauth_tokens (user_id, provider, token, refresh_token, expires_at, refresh_expires_at) VALUES
       ($1, 'gone', 't', NULL, now() - interval '1 minute', NULL),
       ($1, 'gone2', 't', 'r', now() - interval '2 days', now() - interval '1 minute'),
       ($1, 'refreshable', 't', 'r', now() - interval '1 minute', now() + interval '1 day'),
       ($1, 'always', 't', 'r', now() - interval '1 minute', NULL),
       ($1, 'for_ever', 't', NULL, NULL, NULL),
       ($1, 'valid', 't', NULL, now() + interval '1 minute', NULL)`,
      [user],
    );
    await service.query(
      `INSERT INTO auth.mfa_tokens (user_id, method, secret, expires_at)
       VALUES ($1, 'totp', 's', NULL), ($1, 'sms', 's', now() - interval '1 minute')`,
      [user],
    );
    const clean = "SELECT auth.cleanup_expired_tokens()";
    expect(await rows(service, clean)).toEqual([{ oauth_tokens: 2, mfa_tokens: 1 }]);
    expect(await rows(service, clean)).toEqual([{ oauth_tokens: 0, mfa_tokens: 0 }]);
    expect(
      await rows(service, "SELECT provider FROM auth.oauth_tokens WHERE user_id = $1 ORDER BY 1", [user]),
    ).toEqual(["always", "for_ever", "refreshable", "valid"]);
    expect(await rows(service, "SELECT method FROM auth.mfa_tokens WHERE user_id = $1", [user])).toEqual([
      "totp",
    ]);
  });

  test.each([["NULL"], ["0"], ["100001"]])("refuses a batch of %s", async (size) => {
    expect(await failure(service, `SELECT auth.cleanup_expired_sessions(${size})`)).toBe("22023");
    expect(await failure(service, `SELECT auth.cleanup_expired_tokens(${size})`)).toBe("22023");
  });
});

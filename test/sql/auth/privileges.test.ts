import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runJobs } from "../conventions.ts";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

const DENIED = "42501";

let database: StackDatabase;
let admin: pg.Client;
let sessions: Record<string, pg.Client>;

beforeAll(async () => {
  database = await startAppliedDatabase("auth", "ac");
  admin = await database.connect();
  const logins = ["auth_service", "ac_service", "acgs_user", "acgs_readonly", "acgs_monitor"];
  sessions = Object.fromEntries(
    await Promise.all(logins.map(async (login) => [login, await database.connect(login)] as const)),
  );
});
afterAll(() => database?.stop());

describe("privileges", () => {
  test.each([
    ["auth_service", "SELECT * FROM auth.users", undefined],
    ["auth_service", "SELECT * FROM auth.authenticated_sessions", undefined],
    ["auth_service", "INSERT INTO auth.users (username, email) VALUES ('ada', 'ada@example.org')", undefined],
    ["auth_service", "INSERT INTO auth.roles (name) VALUES ('reader')", undefined],
    ["auth_service", "INSERT INTO auth.role_permissions VALUES (gen_random_uuid(), 'x')", DENIED],
    ["auth_service", "DELETE FROM auth.role_permissions", DENIED],
    ["auth_service", "INSERT INTO auth.audit_logs (action) VALUES ('login')", undefined],
    ["auth_service", "UPDATE auth.audit_logs SET details = '{}'", DENIED],
    ["auth_service", "DELETE FROM auth.security_events", DENIED],
    ["auth_service", "TRUNCATE auth.audit_logs", DENIED],
    ["auth_service", "ALTER TABLE auth.audit_logs DISABLE TRIGGER refuse_change", DENIED],
    ["auth_service", "CREATE TABLE auth.mine (x int)", DENIED],
    ["auth_service", "SELECT auth.cleanup_expired_sessions()", undefined],
    ["auth_service", "SELECT auth.cleanup_expired_tokens()", undefined],
    ["auth_service", "SELECT auth.daily_partition_maintenance()", undefined],
    ["auth_service", "SELECT * FROM platform.maintain_partitions('auth')", DENIED],
    ["ac_service", "SELECT id FROM auth.users", DENIED],
    ["ac_service", "SELECT * FROM auth.authenticated_sessions", DENIED],
    ["acgs_user", "INSERT INTO auth.users (username, email) VALUES ('bob', 'bob@example.org')", DENIED],
    ["acgs_user", "UPDATE auth.users SET password_hash = '$2b$x'", DENIED],
    ["acgs_user", "UPDATE auth.users SET email = 'eve@example.org'", DENIED],
    [
      "acgs_user",
      "INSERT INTO auth.sessions (user_id, token_hash, expires_at) VALUES (NULL, '', now())",
      DENIED,
    ],
    ["acgs_user", "INSERT INTO auth.user_roles (user_id, role_id) VALUES (NULL, NULL)", DENIED],
    ["acgs_user", "UPDATE auth.roles SET permissions = '[]'", DENIED],
    ["acgs_user", "INSERT INTO auth.audit_logs (action) VALUES ('login')", DENIED],
    ["acgs_user", "UPDATE auth.users SET display_name = 'Ada' WHERE username = 'ada'", undefined],
    ["acgs_user", "INSERT INTO auth.security_events (event_type) VALUES ('odd')", undefined],
    ["acgs_user", "DELETE FROM auth.audit_logs", DENIED],
    ["acgs_user", "SELECT auth.cleanup_expired_sessions()", DENIED],
    ["acgs_user", "SELECT auth.cleanup_expired_tokens()", DENIED],
    ["acgs_user", "SELECT auth.daily_partition_maintenance()", DENIED],
    ["acgs_readonly", "SELECT count(*) FROM auth.users", undefined],
    ["acgs_readonly", "SELECT username, email, last_login_at FROM auth.users", undefined],
    ["acgs_readonly", "SELECT id, user_id, expires_at FROM auth.sessions", undefined],
    ["acgs_readonly", "SELECT * FROM auth.audit_logs", undefined],
    ["acgs_readonly", "SELECT * FROM auth.roles", undefined],
    ["acgs_readonly", "UPDATE auth.users SET is_active = true", DENIED],
  ])("%s: %s", async (login, statement, expected) => {
    expect(await failure(sessions[login]!, statement)).toBe(expected);
  });

  test.each(["acgs_user", "acgs_readonly", "acgs_monitor"])("%s sees no secret, by no way", async (login) => {
    for (const column of [
      "users.password_hash",
      "sessions.token_hash",
      "oauth_tokens.token",
      "oauth_tokens.refresh_token",
      "mfa_tokens.secret",
      "authenticated_sessions.token_hash",
    ]) {
      const [table, name] = column.split(".") as [string, string];
      const looks = [
        `SELECT ${name} FROM auth.${table}`,
        `SELECT count(*) FROM auth.${table} WHERE ${name} > ''`,
        `SELECT * FROM auth.${table}`,
      ];
      for (const look of looks) expect([look, await failure(sessions[login]!, look)]).toEqual([look, DENIED]);
    }
    const outcome = await failure(
      sessions[login]!,
      "INSERT INTO auth.users (username, email) VALUES ('eve', 'eve@example.org') RETURNING password_hash",
    );
    expect(outcome).toBe(DENIED);
  });

  test("readers see every column that is no secret: one that is new has been thought about", async () => {
    const hidden = await rows(
      admin,
      `SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE c.relnamespace = 'auth'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0
         AND NOT a.attisdropped AND NOT has_column_privilege('acgs_readonly', c.oid, a.attnum, 'SELECT') ORDER BY 1`,
    );
    expect(hidden).toEqual([
      "mfa_tokens.secret",
      "oauth_tokens.refresh_token",
      "oauth_tokens.token",
      "sessions.token_hash",
      "users.password_hash",
    ]);
  });

  test("PUBLIC may call nothing and see nothing", async () => {
    expect(
      await rows(
        admin,
        `SELECT p.oid::regprocedure::text FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
         WHERE a.grantee = 0 AND p.pronamespace = 'auth'::regnamespace
         UNION ALL SELECT c.oid::regclass::text FROM pg_class c, aclexplode(c.relacl) a
         WHERE a.grantee = 0 AND c.relnamespace = 'auth'::regnamespace`,
      ),
    ).toEqual([]);
  });
});

describe("the scheduled jobs", () => {
  test("are there once each and run without error as their login, within its timeout", async () => {
    expect(
      await rows(admin, "SELECT jobname, username FROM cron.job WHERE jobname LIKE 'auth-%' ORDER BY 1"),
    ).toEqual([
      ["auth-cleanup-expired-sessions", "auth_service"],
      ["auth-cleanup-expired-tokens", "auth_service"],
      ["auth-daily-partition-maintenance", "acgs_upkeep"],
    ]);
    const jobs = await runJobs(admin, sessions.auth_service!, "auth");
    expect(jobs["auth-daily-partition-maintenance"]).toEqual([[]]);
  });
});

test("every repeatable file runs again without a change", async () => {
  const before = await rows(admin, PICTURE);
  expect(before.length).toBeGreaterThan(80);
  await admin.query("DELETE FROM deploy.ledger WHERE kind = 'repeatable'");
  const ran = await database.apply();
  expect(ran.filter((file) => file.includes("/V"))).toEqual([]);
  expect(ran.filter((file) => file.startsWith("auth/")).length).toBeGreaterThan(8);
  expect(await rows(admin, PICTURE)).toEqual(before);
  expect(await database.apply()).toEqual([]);
});

/** All that the files make, in words: objects with definitions, privileges and comments, and jobs. */
const PICTURE = `
  SELECT 'relation ' || c.oid || c.oid::regclass || ' ' || c.relkind::text || ' ' || coalesce(c.relacl::text, '') || ' '
         || coalesce(c.reloptions::text, '') || ' ' || coalesce(obj_description(c.oid, 'pg_class'), '') AS item
  FROM pg_class c WHERE c.relnamespace = 'auth'::regnamespace
  UNION ALL SELECT 'function ' || p.oid::regprocedure || ' ' || p.proacl::text || ' ' || md5(pg_get_functiondef(p.oid))
  FROM pg_proc p WHERE p.pronamespace = 'auth'::regnamespace
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE c.relnamespace = 'auth'::regnamespace AND NOT t.tgisinternal
  UNION ALL SELECT 'statistics ' || pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s
  WHERE s.stxnamespace = 'auth'::regnamespace
  UNION ALL SELECT concat('job ', j.jobid, j.jobname, j.schedule, j.username, j.command) FROM cron.job j
  UNION ALL SELECT 'policy ' || p::text FROM platform.partition_policies p
  ORDER BY item`;

import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

const TABLES = [
  "audit_logs",
  "mfa_tokens",
  "oauth_tokens",
  "permissions",
  "role_permissions",
  "roles",
  "security_events",
  "sessions",
  "user_roles",
  "users",
];

/** The indexes that the requirements name, as the server prints what follows the table. */
const SEED_INDEXES: [name: string, table: string, definition: string][] = [
  ["idx_audit_logs_resource_action", "audit_logs", `btree (resource_type, action, "timestamp" DESC)`],
  ["idx_audit_logs_user_timestamp", "audit_logs", `btree (user_id, "timestamp" DESC)`],
  ["idx_oauth_tokens_provider_user", "oauth_tokens", "btree (provider, user_id)"],
  ["idx_security_events_user_timestamp", "security_events", `btree (user_id, "timestamp" DESC)`],
  ["idx_sessions_cleanup", "sessions", "btree (expires_at) WHERE (is_active = false)"],
  ["idx_sessions_expires_active", "sessions", "btree (expires_at) WHERE (is_active = true)"],
  ["idx_sessions_token_hash", "sessions", "hash (token_hash)"],
  ["idx_user_roles_composite", "user_roles", "btree (user_id, role_id) INCLUDE (expires_at)"],
  ["idx_users_email_active", "users", "btree (email) INCLUDE (id) WHERE (is_active = true)"],
  ["idx_users_email_verified", "users", "btree (email) INCLUDE (id) WHERE (email_verified = true)"],
  ["idx_users_last_login", "users", "btree (last_login_at DESC) WHERE (is_active = true)"],
  ["idx_users_username_active", "users", "btree (username) INCLUDE (id) WHERE (is_active = true)"],
];

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;
let user: string;

beforeAll(async () => {
  database = await startAppliedDatabase("auth");
  admin = await database.connect();
  service = await database.connect("auth_service");
  user = (
    await rows(
      service,
      "INSERT INTO auth.users (username, email) VALUES ('ada', 'ada@example.org') RETURNING id",
    )
  )[0] as string;
});
afterAll(() => database?.stop());

describe("the tables of auth", () => {
  test("are those of the requirements, with security_events and the relation of permissions", async () => {
    const found = await rows(
      admin,
      `SELECT relname FROM pg_class WHERE relnamespace = 'auth'::regnamespace AND relkind IN ('r', 'p')
         AND NOT relispartition ORDER BY relname`,
    );
    expect(found).toEqual(TABLES);
  });

  test("and all else there belong to acgs_owner and are commented", async () => {
    const faults = await rows(
      admin,
      `SELECT c.oid::regclass::text || coalesce('.' || a.attname, '') FROM pg_class c
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE c.relnamespace = 'auth'::regnamespace AND c.relkind IN ('r', 'p', 'v')
         AND (c.relowner <> 'acgs_owner'::regrole OR obj_description(c.oid, 'pg_class') IS NULL
              OR a.attnum IS NOT NULL AND col_description(c.oid, a.attnum) IS NULL)
       UNION ALL SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'auth'::regnamespace
         AND (p.proowner <> 'acgs_owner'::regrole OR obj_description(p.oid, 'pg_proc') IS NULL
              OR NOT coalesce(p.proconfig::text LIKE '%search_path=pg_catalog, pg_temp%', false))`,
    );
    expect(faults).toEqual([]);
  });

  test("have the constitutional hash as default and refuse any other", async () => {
    const found = await rows(
      admin,
      `SELECT c.relname, pg_get_expr(d.adbin, d.adrelid), a.attnotnull, pg_get_constraintdef(k.oid)
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'constitutional_hash'
       JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
       WHERE c.relnamespace = 'auth'::regnamespace AND NOT c.relispartition ORDER BY c.relname`,
    );
    const check = "CHECK (platform.is_constitutional_hash(constitutional_hash))";
    expect(found).toEqual(TABLES.map((table) => [table, "'cdd01ef066bc6cf2'::text", true, check]));
    const foreign = "INSERT INTO auth.audit_logs (action, constitutional_hash) VALUES ('login', $1)";
    expect(await failure(service, foreign, ["deadbeefdeadbeef"])).toBe("23514");
    expect(await failure(service, foreign, ["cdd01ef066bc6cf2"])).toBeUndefined();
  });

  test.each([
    ["users (username, email) VALUES ('two words', 'x@example.org')"],
    ["users (username, email) VALUES ('bob', 'no address')"],
    ["users (username, email, password_hash) VALUES ('bob', 'bob@example.org', 'hunter2')"],
    ["permissions (name, resource, action) VALUES ('Policy Read', 'policy', 'read')"],
    ["roles (name, permissions) VALUES ('odd', '{}')"],
    ["roles (name, permissions) VALUES ('odd', '[1]')"],
    ["roles (name, permissions) VALUES ('odd', '[[\"a\"]]')"],
    ["sessions (user_id, token_hash, expires_at) VALUES ($1, 'the token itself', now())"],
    ["oauth_tokens (user_id, provider, token) VALUES ($1, 'github', '')"],
    ["oauth_tokens (user_id, provider, token, refresh_expires_at) VALUES ($1, 'github', 't', now())"],
    ["mfa_tokens (user_id, method, secret) VALUES ($1, 'palm', 's')"],
    ["mfa_tokens (user_id, method, secret) VALUES ($1, 'sms', 's')"],
    ["audit_logs (action) VALUES ('Log In')"],
    ["audit_logs (action, outcome) VALUES ('login', 'perhaps')"],
    ["security_events (event_type, severity) VALUES ('login_failed', 'terrible')"],
    ["security_events (event_type, risk_score) VALUES ('login_failed', 1.01)"],
  ])("refuse %s", async (statement) => {
    const values = statement.includes("$1") ? [user] : [];
    expect(await failure(service, `INSERT INTO auth.${statement}`, values)).toBe("23514");
  });

  test("take what fills only the columns of the requirements", async () => {
    const accepted = [
      "users (username, email, password_hash) VALUES ('cy', 'cy@example.org', '$argon2id$x')",
      "sessions (user_id, token_hash, expires_at) VALUES ($1, encode(sha256('t'), 'hex'), now() + interval '1 hour')",
      "oauth_tokens (provider, user_id, token) VALUES ('github', $1, 'ciphertext')",
      "mfa_tokens (user_id, secret) VALUES ($1, 'ciphertext')",
      "audit_logs (user_id, action) VALUES ($1, 'login')",
      "security_events (user_id, event_type) VALUES ($1, 'login_failed')",
    ];
    for (const statement of accepted) {
      const values = statement.includes("$1") ? [user] : [];
      expect([statement, await failure(service, `INSERT INTO auth.${statement}`, values)]).toEqual([
        statement,
        undefined,
      ]);
    }
  });
});

describe("the indexes of auth", () => {
  test("are those of the requirements, with their columns", async () => {
    const found = await rows(
      admin,
      `SELECT c.relname, t.relname, regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', '')
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
       WHERE c.relnamespace = 'auth'::regnamespace AND NOT c.relispartition AND c.relname = ANY ($1) ORDER BY 1`,
      [SEED_INDEXES.map(([name]) => name)],
    );
    expect(found).toEqual(SEED_INDEXES);
  });

  test("are valid, on every partition too", async () => {
    const faults = await rows(
      admin,
      `SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       WHERE c.relnamespace = 'auth'::regnamespace AND NOT (i.indisvalid AND i.indisready)
       UNION ALL SELECT leaf.relid::regclass || ' ' || root.indexrelid::regclass
       FROM pg_index root JOIN pg_class r ON r.oid = root.indrelid, pg_partition_tree(root.indrelid) AS leaf
       WHERE r.relnamespace = 'auth'::regnamespace AND r.relkind = 'p' AND leaf.isleaf
         AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = leaf.relid
                         AND pg_partition_root(i.indexrelid) = root.indexrelid)`,
    );
    expect(faults).toEqual([]);
    const leaves = "SELECT count(*)::int FROM pg_partition_tree('auth.security_events') WHERE isleaf";
    expect(await rows(admin, leaves)).toEqual([5]);
  });

  test("begin with the columns of every foreign key, and none is another's twin", async () => {
    const bare = await rows(
      admin,
      `SELECT conrelid::regclass::text, conname FROM pg_constraint c
       WHERE contype = 'f' AND connamespace = 'auth'::regnamespace AND conparentid = 0 AND NOT EXISTS (
         SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])`,
    );
    expect(bare).toEqual([]);
    const twins = await rows(
      admin,
      `SELECT a.indexrelid::regclass::text FROM pg_index a JOIN pg_index b ON b.indrelid = a.indrelid
         AND b.indexrelid <> a.indexrelid AND b.indkey::text = a.indkey::text
         AND b.indoption::text = a.indoption::text AND b.indclass::text = a.indclass::text
         AND pg_get_expr(b.indpred, b.indrelid) IS NOT DISTINCT FROM pg_get_expr(a.indpred, a.indrelid)
       JOIN pg_class c ON c.oid = a.indexrelid WHERE c.relnamespace = 'auth'::regnamespace`,
    );
    expect(twins).toEqual([]);
  });
});

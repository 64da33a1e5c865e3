import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("auth");
  admin = await database.connect();
  service = await database.connect("auth_service");
  for (const statement of LOAD) await admin.query(statement);
  await admin.query("VACUUM (ANALYZE)");
});
afterAll(() => database?.stop());

/** 20,000 users with two roles each and three sessions, a tenth of which were ended; logs of the last 20 days. */
const LOAD = [
  `INSERT INTO auth.permissions (name, resource, action)
   SELECT 'r' || i || ':read', 'r' || i, 'read' FROM generate_series(1, 20) AS i`,
  `INSERT INTO auth.roles (name, permissions)
   SELECT 'role' || i, (SELECT jsonb_agg(name) FROM auth.permissions) FROM generate_series(1, 300) AS i`,
  `INSERT INTO auth.users (username, email, is_active, email_verified, last_login_at)
   SELECT 'user' || i, 'user' || i || '@example.org', i % 10 <> 0, i % 4 <> 0, now() - random() * interval '90 days'
   FROM generate_series(1, 20000) AS i`,
  `INSERT INTO auth.user_roles (user_id, role_id)
   SELECT u.id, r.id FROM (SELECT id, row_number() OVER () AS n FROM auth.users) AS u
   JOIN (SELECT id, row_number() OVER () AS n FROM auth.roles) AS r ON r.n IN (1 + u.n % 300, 1 + (u.n + 7) % 300)`,
  `INSERT INTO auth.sessions (user_id, token_hash, is_active, expires_at)
   SELECT id, encode(sha256((username || i)::bytea), 'hex'), random() > 0.1, now() + (random() * 30 - 1) * interval '1 minute'
   FROM auth.users, generate_series(1, 3) AS i`,
  `INSERT INTO auth.oauth_tokens (user_id, provider, token, expires_at)
   SELECT id, 'provider' || i, 't', now() + (random() * 100 - 1) * interval '1 hour'
   FROM auth.users, generate_series(1, 2) AS i`,
  `INSERT INTO auth.mfa_tokens (user_id, method, secret, expires_at)
   SELECT id, 'email', 's', now() + (random() * 100 - 1) * interval '1 minute' FROM auth.users`,
  `INSERT INTO auth.audit_logs ("timestamp", user_id, action, resource_type)
   SELECT now() - (60000 - i) * interval '28 seconds', (ARRAY(SELECT id FROM auth.users LIMIT 500))[1 + i % 500],
          'action' || i % 30, 'type' || i % 10
   FROM generate_series(1, 60000) AS i`,
  `INSERT INTO auth.security_events ("timestamp", user_id, event_type, severity)
   SELECT now() - (30000 - i) * interval '57 seconds', (ARRAY(SELECT id FROM auth.users LIMIT 500))[1 + i % 500],
          'type' || i % 20, CASE WHEN i % 200 = 0 THEN 'high' ELSE 'info' END
   FROM generate_series(1, 30000) AS i`,
];

/** The top-level index of every index that a plan reads, once. */
async function indexesOf(query: string): Promise<unknown[]> {
  const [plan] = await rows(service, `EXPLAIN (FORMAT json) ${query}`);
  const names = [...JSON.stringify(plan).matchAll(/"Index Name":"([^"]+)"/g)].map((match) => match[1]);
  return rows(
    service,
    `SELECT DISTINCT coalesce(pg_partition_root(i), i)::regclass::text
     FROM unnest($1::text[]) AS name, LATERAL (SELECT ('auth.' || quote_ident(name))::regclass AS i) AS found ORDER BY 1`,
    [names],
  );
}

test.each([
  ["idx_users_username_active", `* FROM auth.users WHERE username = lower('User7') AND is_active = true`],
  ["idx_users_email_active", `* FROM auth.users WHERE email = 'user7@example.org' AND is_active`],
  [
    "idx_users_email_verified",
    `* FROM auth.users WHERE email = 'user7@example.org' AND email_verified = true`,
  ],
  ["idx_users_last_login", `* FROM auth.users WHERE is_active = true ORDER BY last_login_at DESC LIMIT 50`],
  ["idx_sessions_token_hash", `* FROM auth.sessions WHERE token_hash = encode(sha256('user71'), 'hex')`],
  [
    "idx_sessions_expires_active",
    `* FROM auth.sessions WHERE is_active = true AND expires_at <= now() ORDER BY expires_at LIMIT 100`,
  ],
  [
    "idx_sessions_cleanup",
    `* FROM auth.sessions WHERE is_active = false AND expires_at <= now() ORDER BY expires_at LIMIT 100`,
  ],
  [
    "idx_audit_logs_resource_action",
    `* FROM auth.audit_logs WHERE resource_type = 'type3' AND action = 'action3' ORDER BY "timestamp" DESC LIMIT 20`,
  ],
  [
    "idx_security_events_severe",
    `* FROM auth.security_events WHERE severity IN ('high', 'critical') ORDER BY "timestamp" DESC LIMIT 20`,
  ],
])("%s serves the query it is for", async (index, query) => {
  expect(await indexesOf(`SELECT ${query}`)).toEqual([`auth.${index}`]);
});

test.each([
  ["idx_audit_logs_user_timestamp", `audit_logs WHERE user_id = $U ORDER BY "timestamp" DESC LIMIT 20`],
  [
    "idx_security_events_user_timestamp",
    `security_events WHERE user_id = $U ORDER BY "timestamp" DESC LIMIT 20`,
  ],
  ["idx_oauth_tokens_provider_user", `oauth_tokens WHERE provider = 'provider1' AND user_id = $U`],
])("%s serves what is asked about a user", async (index, query) => {
  const [user] = (await rows(service, "SELECT id FROM auth.users WHERE username = 'user7'")) as string[];
  expect(await indexesOf(`SELECT * FROM auth.${query.replace("$U", `'${user}'`)}`)).toEqual([
    `auth.${index}`,
  ]);
});

test("the authentication look-up reads a handful of pages, by an index for each table that grows", async () => {
  const good = "SELECT token_hash FROM auth.authenticated_sessions LIMIT 1";
  const [hash] = (await rows(service, good)) as string[];
  const look = `SELECT * FROM auth.authenticated_sessions WHERE token_hash = '${hash}'`;
  expect(await indexesOf(look)).toEqual([
    "auth.idx_sessions_token_hash",
    "auth.idx_user_roles_composite",
    "auth.roles_pkey",
    "auth.users_pkey",
  ]);
  const [plan] = (await rows(service, `EXPLAIN (ANALYZE, BUFFERS, FORMAT json) ${look}`)) as {
    Plan: Record<string, number>;
  }[][];
  const top = plan![0]!.Plan;
  expect(top["Actual Rows"]).toBe(1);
  expect(top["Shared Hit Blocks"]! + top["Shared Read Blocks"]!).toBeLessThanOrEqual(20);
  expect(JSON.stringify(plan)).toContain('"Index Only Scan"');
});

test("which active user has a name or an address is answered by the index alone", async () => {
  for (const column of ["username", "email"]) {
    const [plan] = await rows(
      service,
      `EXPLAIN (FORMAT json) SELECT id FROM auth.users WHERE ${column} = 'user7' AND is_active`,
    );
    expect(JSON.stringify(plan)).toContain('"Index Only Scan"');
  }
});

test("the clean-up finds what it deletes by the indexes on expiry, and reads no table through", async () => {
  /** Scans since the start, by index; and by table of whole tables. */
  const scans = async (): Promise<Record<string, number>> => {
    for (const client of [admin, service]) await client.query("SELECT pg_stat_force_next_flush()");
    const found = (await rows(
      admin,
      `SELECT indexrelname, idx_scan::int FROM pg_stat_user_indexes
       WHERE schemaname = 'auth' AND indexrelname ~ '_cleanup$|_expires_active$'
       UNION ALL SELECT relname, seq_scan::int FROM pg_stat_user_tables
       WHERE schemaname = 'auth' AND relname IN ('sessions', 'oauth_tokens', 'mfa_tokens')`,
    )) as [string, number][];
    return Object.fromEntries(found);
  };
  const before = await scans();
  // More often than the server makes plans for one value: from the sixth on it may take one for all.
  const calls = 8;
  for (let i = 0; i < calls; i++) {
    expect(await rows(service, "SELECT auth.cleanup_expired_sessions(10)")).toEqual(["20"]);
    expect(await rows(service, "SELECT auth.cleanup_expired_tokens(10)")).toEqual([
      { oauth_tokens: 10, mfa_tokens: 10 },
    ]);
  }
  const after = await scans();
  const more = Object.fromEntries(Object.entries(after).map(([name, n]) => [name, n - before[name]!]));
  expect(more).toEqual({
    idx_sessions_cleanup: calls,
    idx_sessions_expires_active: calls,
    idx_oauth_tokens_cleanup: calls,
    idx_mfa_tokens_cleanup: calls,
    sessions: 0,
    oauth_tokens: 0,
    mfa_tokens: 0,
  });
});

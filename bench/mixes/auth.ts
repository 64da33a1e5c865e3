import { hash, id, spread, type Mix } from "./mix.ts";

/** Sessions are looked up by their token and touched; users log in, which is four statements and an audit row. */
export function auth(rows: number): Mix {
  const users = Math.round(rows * 0.02);
  const sessions = Math.round(rows * 0.04);
  const logs = Math.round(rows * 0.1);
  return {
    name: "auth 80/20",
    schema: "auth",
    login: "auth_service",
    fills: [
      {
        table: "auth.roles",
        rows: 20,
        insert: (from, to) => `
          INSERT INTO auth.roles (id, name, permissions)
          SELECT ${id("role", "i")}, 'role_' || i, jsonb_build_array('policy:read', 'policy:write', 'audit:read')
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "auth.users",
        rows: users,
        insert: (from, to) => `
          INSERT INTO auth.users (id, username, email, password_hash, email_verified, last_login_at, created_at)
          SELECT ${id("user", "i")}, 'user' || i, 'user' || i || '@example.org', '$argon2id$' || ${hash("password", "i")},
            i % 10 > 0, now() - random() * interval '90 days', ${spread(users)}
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "auth.user_roles",
        rows: users * 2,
        insert: (from, to) => `
          INSERT INTO auth.user_roles (user_id, role_id)
          SELECT ${id("user", "1 + (i - 1) / 2")}, ${id("role", "1 + ((i - 1) / 2 * 7 + i % 2 * 3) % 20")}
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "auth.sessions",
        rows: sessions,
        insert: (from, to) => `
          INSERT INTO auth.sessions (user_id, token_hash, ip_address, user_agent, created_at, expires_at)
          SELECT ${id("user", `1 + i % ${users}`)}, ${hash("token", "i")}, '10.0.0.0'::inet + i,
            'Mozilla/5.0 (X11; Linux x86_64) Firefox/' || 100 + i % 40, now() - random() * interval '7 days',
            now() + interval '1 day' + random() * interval '7 days'
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "auth.audit_logs",
        rows: logs,
        insert: (from, to) => `
          INSERT INTO auth.audit_logs ("timestamp", user_id, action, resource_type, resource_id, ip_address, details)
          SELECT ${spread(logs)}, ${id("user", `1 + (i * 7919::bigint) % ${users}`)},
            (ARRAY['login', 'logout', 'role.grant', 'password.change'])[1 + i % 4], 'user', i::text, '10.0.0.0'::inet + i,
            jsonb_build_object('method', 'password', 'attempt', i % 3, 'device', md5(i::text))
          FROM generate_series(${from}, ${to}) AS i`,
      },
    ],
    scripts: [
      {
        name: "auth-lookup",
        weight: 80,
        text: `\\set i random(1, ${sessions})
SELECT session_id, user_id, username, roles FROM auth.authenticated_sessions WHERE token_hash = ${hash("token", ":i")};
`,
      },
      {
        name: "auth-touch",
        weight: 10,
        text: `\\set i random(1, ${sessions})
UPDATE auth.sessions SET last_activity_at = now() WHERE token_hash = ${hash("token", ":i")};
`,
      },
      {
        name: "auth-login",
        weight: 10,
        text: `\\set i random(1, ${users})
BEGIN;
SELECT id, password_hash, mfa_enabled FROM auth.users WHERE username = 'user' || :i::text AND is_active = true;
UPDATE auth.users SET last_login_at = now(), failed_login_attempts = 0 WHERE id = ${id("user", ":i")};
INSERT INTO auth.sessions (user_id, token_hash, ip_address, expires_at)
VALUES (${id("user", ":i")}, md5(random()::text) || md5(random()::text), '10.0.0.1', now() + interval '8 hours');
INSERT INTO auth.audit_logs (user_id, action, resource_type, resource_id, ip_address, details)
VALUES (${id("user", ":i")}, 'login', 'user', :i::text, '10.0.0.1', '{"method": "password", "attempt": 1}');
COMMIT;
`,
      },
    ],
  };
}

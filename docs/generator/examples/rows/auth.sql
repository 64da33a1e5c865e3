-- A thousand sessions at the peak are few for a planner: here are ten times as many, of as many users.

INSERT INTO auth.users (id, username, email, password_hash, is_active, email_verified, last_login_at, created_at, updated_at)
SELECT
    example.key('user', i), 'user_' || i, 'user_' || i || '@example.org', '$argon2id$example', i % 10 <> 0, i % 5 <> 0,
    example.came((i * 7919) % 10000, 10000, 100), example.came(i, 10000, 100), example.came(i, 10000, 100)
FROM generate_series(1, 10000) AS i;

INSERT INTO auth.permissions (id, name, resource, action)
SELECT example.key('permission', i), 'resource_' || i || ':read', 'resource_' || i, 'read'
FROM generate_series(1, 20) AS i;

INSERT INTO auth.roles (id, name, permissions)
SELECT example.key('role', i), 'role_' || i, jsonb_build_array('resource_' || 1 + i % 20 || ':read')
FROM generate_series(1, 500) AS i;

INSERT INTO auth.user_roles (user_id, role_id)
SELECT example.key('user', i), example.key('role', 1 + (i + step * 7) % 500)
FROM generate_series(1, 10000) AS i, generate_series(0, 1) AS step;

-- Of the sessions one in twelve is over and was not cleaned up yet.
INSERT INTO auth.sessions (id, user_id, token_hash, is_active, created_at, last_activity_at, expires_at)
SELECT
    example.key('session', i), example.key('user', 1 + i % 10000), example.sha256('token', i), i % 4 <> 0,
    example.came(i, 12000, 1), example.came(i, 12000, 1), example.came(i, 12000, 1) + interval '22 hours'
FROM generate_series(1, 12000) AS i;

INSERT INTO auth.oauth_tokens (id, user_id, provider, token, expires_at)
SELECT
    example.key('oauth', i), example.key('user', 1 + i % 10000), 'provider_' || i % 3, 'encrypted',
    '{moment}'::timestamptz + interval '1 hour'
FROM generate_series(1, 15000) AS i;

INSERT INTO auth.audit_logs ("timestamp", user_id, action, resource_type, resource_id)
SELECT
    example.came(i, 20000, 100), example.key('user', 1 + (example.chance(i, 1) * 9999)::int),
    (ARRAY['login', 'logout', 'policy.update', 'role.grant'])[1 + (example.chance(i, 2) ^ 2 * 3.99)::int % 4],
    (ARRAY['session', 'policy', 'role', 'user', 'bundle'])[1 + i % 5], 'r' || i
FROM generate_series(1, 20000) AS i;

INSERT INTO auth.security_events ("timestamp", user_id, event_type, severity)
SELECT
    example.came(i, 20000, 100), example.key('user', 1 + (example.chance(i, 3) * 9999)::int),
    (ARRAY['login_failed', 'token_refused', 'mfa_failed'])[1 + i % 3],
    CASE WHEN i % 500 = 0 THEN 'critical' WHEN i % 100 = 0 THEN 'high' ELSE 'info' END
FROM generate_series(1, 20000) AS i;

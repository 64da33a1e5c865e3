-- acgs: concurrent
-- The indexes of the requirements, under their names, and those that foreign keys and the clean-up need. On a
-- partitioned table the runner builds each partition's index concurrently and attaches it. idx_sessions_token_hash is
-- a constraint: V003__sessions.sql.

-- Users. users_username_key and users_email_key find any account, these the log-in's: only active ones, and with the
-- id in the index "which active user is this" reads no row.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_users_username_active
ON auth.users (username) INCLUDE (id) WHERE is_active = true;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_users_email_active
ON auth.users (email) INCLUDE (id) WHERE is_active = true;
-- The log-in by a proven address.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_users_email_verified
ON auth.users (email) INCLUDE (id) WHERE email_verified = true;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_users_last_login
ON auth.users (last_login_at DESC) WHERE is_active = true;

-- Roles: with the end of a grant in the index, the roles of a user are read from it alone.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_user_roles_composite
ON auth.user_roles (user_id, role_id) INCLUDE (expires_at);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_user_roles_granted_by
ON auth.user_roles (granted_by) WHERE granted_by IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_role_permissions_role
ON auth.role_permissions (role_id);

-- Sessions.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_sessions_expires_active
ON auth.sessions (expires_at) WHERE is_active = true;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_sessions_cleanup
ON auth.sessions (expires_at) WHERE is_active = false;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_sessions_user
ON auth.sessions (user_id);

-- Tokens.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_oauth_tokens_provider_user
ON auth.oauth_tokens (provider, user_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_oauth_tokens_user
ON auth.oauth_tokens (user_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_oauth_tokens_cleanup
ON auth.oauth_tokens (usable_until) WHERE usable_until IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_mfa_tokens_user
ON auth.mfa_tokens (user_id, method);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_mfa_tokens_cleanup
ON auth.mfa_tokens (expires_at) WHERE expires_at IS NOT NULL;

-- Logs. Each B-tree is paid by every insert, so there are two. A time range beyond the month that partitions give is
-- served by BRIN, which costs next to nothing: rows come in the order of time.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_logs_user_timestamp
ON auth.audit_logs (user_id, "timestamp" DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_logs_resource_action
ON auth.audit_logs (resource_type, action, "timestamp" DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_logs_timestamp_brin
ON auth.audit_logs USING brin ("timestamp") WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_security_events_user_timestamp
ON auth.security_events (user_id, "timestamp" DESC);
-- What an operator looks at; few rows, so it costs the others nothing.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_security_events_severe
ON auth.security_events ("timestamp" DESC) WHERE severity IN ('high', 'critical');
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_security_events_timestamp_brin
ON auth.security_events USING brin ("timestamp") WITH (pages_per_range = 32, autosummarize = on);

import type { ServiceQuery } from "../plans/seedQuery.ts";
import { source } from "./sources.ts";

const SCHEMA = source("analysis", "Authentication Service Schema, Optimized Indexes");
const GOVERNANCE = source("summary", "Phase 2, Governance Indexes");

/** What the requirements ask of `auth`, and what follows from them. */
export const authQueries: ServiceQuery[] = [
  {
    title: "Log-in by name",
    source: SCHEMA,
    sql: "SELECT id, password_hash FROM users WHERE username = 'user_7' AND is_active = true",
    indexes: ["idx_users_username_active"],
    note: "The key `users_username_key` could answer it too; the index of active users alone is the smaller one.",
  },
  {
    title: "Log-in by address",
    source: GOVERNANCE,
    sql: "SELECT id, password_hash FROM users WHERE email = 'user_7@example.org' AND is_active = true",
    indexes: ["idx_users_email_active"],
  },
  {
    title: "User of a proven address",
    source: SCHEMA,
    sql: "SELECT id FROM users WHERE email = 'user_7@example.org' AND email_verified = true",
    indexes: ["idx_users_email_verified"],
    note: "The user's key is in the index: no row is read.",
  },
  {
    title: "Session of a token",
    source: SCHEMA,
    sql: "SELECT * FROM sessions WHERE token_hash = $1",
    values: ["SELECT min(token_hash) FROM sessions"],
    indexes: ["idx_sessions_token_hash"],
  },
  {
    title: "Authentication",
    source: source("analysis", "Performance Targets, Authentication queries"),
    sql: "SELECT * FROM authenticated_sessions WHERE token_hash = $1",
    values: ["SELECT min(token_hash) FROM sessions"],
    indexes: ["idx_sessions_token_hash", "idx_user_roles_composite", "roles_pkey", "users_pkey"],
    note: "What a request needs to know of its user, in one round trip.",
  },
  {
    title: "Sessions that ran out",
    source: SCHEMA,
    sql: "SELECT id FROM sessions WHERE is_active = true AND expires_at <= now() ORDER BY expires_at LIMIT 1000",
    indexes: ["idx_sessions_expires_active"],
  },
  {
    title: "Sessions to clean up",
    source: SCHEMA,
    sql: "SELECT id FROM sessions WHERE is_active = false AND expires_at <= now() ORDER BY expires_at LIMIT 1000",
    indexes: ["idx_sessions_cleanup"],
  },
  {
    title: "Roles of a user",
    source: SCHEMA,
    sql: "SELECT role_id FROM user_roles WHERE user_id = $1",
    values: ["SELECT min(user_id::text) FROM user_roles"],
    indexes: ["idx_user_roles_composite"],
  },
  {
    title: "Tokens of a user with a provider",
    source: SCHEMA,
    sql: "SELECT * FROM oauth_tokens WHERE provider = 'provider_1' AND user_id = $1",
    values: ["SELECT min(user_id::text) FROM oauth_tokens WHERE provider = 'provider_1'"],
    indexes: ["idx_oauth_tokens_provider_user"],
  },
  {
    title: "Who logged in last",
    source: SCHEMA,
    sql: "SELECT username, last_login_at FROM users WHERE is_active = true ORDER BY last_login_at DESC LIMIT 20",
    indexes: ["idx_users_last_login"],
  },
  {
    title: "Trail of a user",
    source: SCHEMA,
    sql: "SELECT * FROM audit_logs WHERE user_id = $1 ORDER BY timestamp DESC LIMIT 50",
    values: ["SELECT min(user_id::text) FROM audit_logs"],
    indexes: ["idx_audit_logs_user_timestamp"],
  },
  {
    title: "Governance actions on a kind of resource",
    source: GOVERNANCE,
    sql: `SELECT * FROM audit_logs WHERE resource_type = 'policy' AND action = 'policy.update'
ORDER BY timestamp DESC LIMIT 50`,
    indexes: ["idx_audit_logs_resource_action"],
  },
  {
    title: "Security events of a user",
    source: GOVERNANCE,
    sql: "SELECT * FROM security_events WHERE user_id = $1 ORDER BY timestamp DESC LIMIT 50",
    values: ["SELECT min(user_id::text) FROM security_events"],
    indexes: ["idx_security_events_user_timestamp"],
  },
];

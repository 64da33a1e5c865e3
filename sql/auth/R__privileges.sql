-- acgs: last
-- Made from components/roles/privileges by `npm run privileges`; do not edit.
-- First everything is taken from everybody, then given as the table has it: in one transaction, so that nobody sees the
-- state between. Runs after all other files of this folder, and again whenever one of them did: what is dropped and made
-- anew has lost its privileges, and default privileges give nobody anything. Partitions stay closed: who reads or writes
-- them goes through the table above.

ALTER DEFAULT PRIVILEGES IN SCHEMA auth REVOKE ALL ON TABLES FROM auth_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA auth REVOKE ALL ON SEQUENCES FROM auth_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA auth REVOKE ALL ON FUNCTIONS FROM auth_service, acgs_writer, acgs_reader;

SELECT platform.withdraw_privileges('auth');

GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE auth.users TO auth_service;
GRANT SELECT (
    id, username, email, display_name, is_active, email_verified, mfa_enabled, failed_login_attempts, locked_until, last_login_at, password_changed_at, profile, created_at, updated_at, constitutional_hash
), UPDATE (
    display_name, profile
) ON TABLE auth.users TO acgs_writer;
GRANT SELECT (
    id, username, email, display_name, is_active, email_verified, mfa_enabled, failed_login_attempts, locked_until, last_login_at, password_changed_at, profile, created_at, updated_at, constitutional_hash
) ON TABLE auth.users TO acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE auth.permissions TO auth_service;
GRANT SELECT ON TABLE auth.permissions TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE auth.roles TO auth_service;
GRANT SELECT ON TABLE auth.roles TO acgs_writer, acgs_reader;
GRANT SELECT ON TABLE auth.role_permissions TO auth_service, acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE auth.user_roles TO auth_service;
GRANT SELECT ON TABLE auth.user_roles TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE auth.sessions TO auth_service;
GRANT SELECT (
    id, user_id, is_active, mfa_verified, ip_address, user_agent, created_at, last_activity_at, expires_at, constitutional_hash
) ON TABLE auth.sessions TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE auth.oauth_tokens TO auth_service;
GRANT SELECT (
    id, user_id, provider, provider_account_id, token_type, scopes, expires_at, refresh_expires_at, usable_until, created_at, updated_at, constitutional_hash
) ON TABLE auth.oauth_tokens TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE auth.mfa_tokens TO auth_service;
GRANT SELECT (
    id, user_id, method, label, confirmed_at, last_used_at, last_used_step, failed_attempts, expires_at, created_at, updated_at, constitutional_hash
) ON TABLE auth.mfa_tokens TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT ON TABLE auth.audit_logs TO auth_service;
GRANT USAGE ON SEQUENCE auth.audit_logs_id_seq TO auth_service;
GRANT SELECT ON TABLE auth.audit_logs TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT ON TABLE auth.security_events TO auth_service, acgs_writer;
GRANT USAGE ON SEQUENCE auth.security_events_id_seq TO auth_service, acgs_writer;
GRANT SELECT ON TABLE auth.security_events TO acgs_reader;
GRANT SELECT ON TABLE auth.authenticated_sessions TO auth_service;
GRANT EXECUTE ON FUNCTION auth.cleanup_expired_sessions(integer) TO auth_service;
GRANT EXECUTE ON FUNCTION auth.cleanup_expired_tokens(integer) TO auth_service;
GRANT EXECUTE ON FUNCTION auth.daily_partition_maintenance() TO auth_service;

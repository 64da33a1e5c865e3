-- Autovacuum and storage of the tables that are not partitioned. Those of partitions stand in their policy
-- (R__upkeep_policy.sql), because the partitioned parent takes none.

-- last_activity_at is written over and over (HOT: room for it beside the row), and every session is deleted in the end.
-- Without a low share, a million sessions would leave 200,000 dead ones for the look-up's index to step over.
ALTER TABLE auth.sessions SET (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_analyze_scale_factor = 0.05
);
-- Failed log-ins are counted here (HOT), and each log-in sets last_login_at, which is in an index.
ALTER TABLE auth.users SET (
    fillfactor = 85,
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05
);
-- Read by an index-only scan in every authentication: pages must be known to be all visible, also after inserts alone.
ALTER TABLE auth.user_roles SET (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.05
);
ALTER TABLE auth.oauth_tokens SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE auth.mfa_tokens SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
-- Few rows: without a low threshold they would never be analyzed.
ALTER TABLE auth.roles SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);
ALTER TABLE auth.permissions SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);
ALTER TABLE auth.role_permissions SET (autovacuum_analyze_threshold = 10, autovacuum_vacuum_threshold = 10);

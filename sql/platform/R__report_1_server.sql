-- What the report (npm run report) and any monitor ask of a server as a whole. Statistics are those of the server that
-- is asked: primary and replicas each count for themselves. Members of pg_read_all_stats (acgs_monitor) see the
-- sessions and statements of all logins.
--
-- Views are dropped and made again, because a changed one may have other columns.

DROP VIEW IF EXISTS platform.server_state;
DROP VIEW IF EXISTS platform.connection_use;
DROP VIEW IF EXISTS platform.replication;
DROP VIEW IF EXISTS platform.long_transactions;
DROP VIEW IF EXISTS platform.slow_queries;

CREATE VIEW platform.server_state AS
SELECT
    current_setting('server_version') AS server_version,
    pg_is_in_recovery() AS is_replica,
    pg_postmaster_start_time() AS started_at,
    coalesce(stat.stats_reset, pg_postmaster_start_time()) AS counting_since,
    current_setting('max_connections')::integer AS max_connections,
    current_setting('superuser_reserved_connections')::integer AS reserved_connections,
    stat.numbackends AS connections,
    pg_database_size(stat.datid) AS database_bytes,
    stat.blks_hit,
    stat.blks_read,
    round(stat.blks_hit::numeric / nullif(stat.blks_hit + stat.blks_read, 0), 4) AS hit_ratio,
    stat.xact_commit AS commits,
    stat.xact_rollback AS rollbacks,
    stat.deadlocks,
    stat.conflicts,
    stat.temp_bytes,
    stat.checksum_failures,
    age(here.datfrozenxid) AS xid_age,
    mxid_age(here.datminmxid) AS multixact_age,
    current_setting('autovacuum_freeze_max_age')::integer AS freeze_max_age,
    CASE WHEN pg_is_in_recovery() THEN extract(EPOCH FROM now() - pg_last_xact_replay_timestamp())::numeric END
        AS seconds_since_replay,
    CASE
        WHEN pg_is_in_recovery()
            THEN pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::bigint
    END AS replay_gap_bytes,
    statements.dealloc AS statements_evicted,
    statements.stats_reset AS statements_since,
    coalesce(
        (SELECT array_agg(setting.name ORDER BY setting.name) FROM pg_settings AS setting WHERE setting.pending_restart),
        '{}'
    ) AS pending_restart,
    EXISTS (
        SELECT FROM pg_stat_activity AS scheduler WHERE scheduler.backend_type = 'pg_cron launcher'
    ) AS scheduler_running
FROM pg_stat_database AS stat
INNER JOIN pg_database AS here ON stat.datid = here.oid AND here.datname = current_database()
CROSS JOIN public.pg_stat_statements_info AS statements;

COMMENT ON VIEW platform.server_state IS 'One row: the server that is asked, and this database on it.';

CREATE VIEW platform.connection_use AS
SELECT
    coalesce(activity.usename, 'none')::text AS login,
    activity.backend_type,
    count(*) AS connections,
    count(*) FILTER (WHERE activity.state = 'active') AS active,
    count(*) FILTER (WHERE activity.state = 'idle') AS idle,
    count(*) FILTER (WHERE activity.state LIKE 'idle in transaction%') AS idle_in_transaction,
    count(*) FILTER (WHERE activity.wait_event_type = 'Lock') AS waiting_for_lock,
    max(extract(EPOCH FROM now() - activity.state_change))
    FILTER (WHERE activity.state LIKE 'idle in transaction%')::numeric AS longest_idle_in_transaction_s
FROM pg_stat_activity AS activity
WHERE activity.backend_type IN ('client backend', 'walsender')
GROUP BY activity.usename, activity.backend_type;

COMMENT ON VIEW platform.connection_use IS
'Sessions by login, in all databases of the server: what counts against max_connections (walsenders apart).';

CREATE VIEW platform.replication AS
SELECT
    standby.application_name AS standby,
    standby.state,
    standby.sync_state,
    pg_wal_lsn_diff(pg_current_wal_lsn(), standby.replay_lsn)::bigint AS lag_bytes,
    extract(EPOCH FROM coalesce(standby.replay_lag, interval '0'))::numeric AS lag_seconds
FROM pg_stat_replication AS standby
-- pg_current_wal_lsn() is an error during recovery.
WHERE NOT pg_is_in_recovery();

COMMENT ON VIEW platform.replication IS 'Standbys that stream from the primary; no row on a replica.';

CREATE VIEW platform.long_transactions AS
SELECT
    activity.pid,
    activity.usename::text AS login,
    activity.application_name AS application,
    activity.state,
    extract(EPOCH FROM now() - activity.xact_start)::numeric AS transaction_seconds,
    extract(EPOCH FROM now() - activity.state_change)::numeric AS state_seconds,
    activity.wait_event_type,
    activity.wait_event,
    cardinality(pg_blocking_pids(activity.pid)) AS blocked_by,
    left(activity.query, 300) AS query
FROM pg_stat_activity AS activity
WHERE activity.backend_type IN ('client backend', 'pg_cron')
    AND activity.pid <> pg_backend_pid()
    AND activity.xact_start < now() - interval '1 minute'
ORDER BY activity.xact_start;

COMMENT ON VIEW platform.long_transactions IS
'Transactions open for more than a minute, oldest first: they keep VACUUM from removing what they might still see, '
'and concurrent index builds waiting.';

-- The threshold is the requirements'. Whoever wants another one orders by mean_ms in pg_stat_statements.
CREATE VIEW platform.slow_queries AS
SELECT
    login.rolname::text AS login,
    statements.queryid,
    statements.query,
    statements.calls,
    statements.mean_exec_time AS mean_ms,
    statements.max_exec_time AS max_ms,
    statements.total_exec_time AS total_ms,
    statements.rows,
    round(
        statements.shared_blks_hit::numeric / nullif(statements.shared_blks_hit + statements.shared_blks_read, 0), 4
    ) AS hit_ratio,
    (statements.temp_blks_written * current_setting('block_size')::bigint)::bigint AS temp_bytes
FROM public.pg_stat_statements AS statements
INNER JOIN pg_database AS here ON statements.dbid = here.oid AND here.datname = current_database()
LEFT JOIN pg_roles AS login ON statements.userid = login.oid
WHERE statements.mean_exec_time >= 200
ORDER BY statements.total_exec_time DESC;

COMMENT ON VIEW platform.slow_queries IS
'Statements of this database whose mean execution time reaches 200 ms, those that cost most in all first. Times in ms.';

COMMENT ON COLUMN platform.server_state.server_version IS 'Version of the server.';
COMMENT ON COLUMN platform.server_state.is_replica IS 'Whether it is a replica.';
COMMENT ON COLUMN platform.server_state.started_at IS 'When it was started.';
COMMENT ON COLUMN platform.server_state.counting_since IS
'From when its counters count: their last reset, else its start.';
COMMENT ON COLUMN platform.server_state.max_connections IS 'Connections that it takes.';
COMMENT ON COLUMN platform.server_state.reserved_connections IS 'Of these, for superusers only.';
COMMENT ON COLUMN platform.server_state.connections IS 'Sessions in this database.';
COMMENT ON COLUMN platform.server_state.database_bytes IS 'Size of this database.';
COMMENT ON COLUMN platform.server_state.blks_hit IS 'Blocks found in shared buffers.';
COMMENT ON COLUMN platform.server_state.blks_read IS 'Blocks read from the operating system.';
COMMENT ON COLUMN platform.server_state.hit_ratio IS 'Share of blocks found in shared buffers, 0 to 1.';
COMMENT ON COLUMN platform.server_state.commits IS 'Transactions committed.';
COMMENT ON COLUMN platform.server_state.rollbacks IS 'Transactions rolled back.';
COMMENT ON COLUMN platform.server_state.deadlocks IS 'Deadlocks found.';
COMMENT ON COLUMN platform.server_state.conflicts IS 'Queries cancelled by recovery (replicas).';
COMMENT ON COLUMN platform.server_state.temp_bytes IS 'Written to temporary files.';
COMMENT ON COLUMN platform.server_state.checksum_failures IS 'Damaged pages found; NULL without checksums.';
COMMENT ON COLUMN platform.server_state.xid_age IS 'Transactions since the oldest unfrozen one.';
COMMENT ON COLUMN platform.server_state.multixact_age IS 'Multixacts since the oldest unfrozen one.';
COMMENT ON COLUMN platform.server_state.freeze_max_age IS 'Age at which autovacuum freezes in any case.';
COMMENT ON COLUMN platform.server_state.seconds_since_replay IS
'Replica: age of the last transaction replayed. Grows on an idle primary too.';
COMMENT ON COLUMN platform.server_state.replay_gap_bytes IS 'Replica: WAL received and not yet replayed.';
COMMENT ON COLUMN platform.server_state.statements_evicted IS
'How often pg_stat_statements forgot its rarest statements.';
COMMENT ON COLUMN platform.server_state.statements_since IS 'When pg_stat_statements was last reset.';
COMMENT ON COLUMN platform.server_state.pending_restart IS 'Parameters whose new value waits for a restart.';
COMMENT ON COLUMN platform.server_state.scheduler_running IS
'Whether pg_cron is at work: on the primary always, on a replica never.';
COMMENT ON COLUMN platform.connection_use.login IS 'Login.';
COMMENT ON COLUMN platform.connection_use.backend_type IS 'client backend or walsender.';
COMMENT ON COLUMN platform.connection_use.connections IS 'Its sessions.';
COMMENT ON COLUMN platform.connection_use.active IS 'Those that run a statement.';
COMMENT ON COLUMN platform.connection_use.idle IS 'Those that wait for one.';
COMMENT ON COLUMN platform.connection_use.idle_in_transaction IS 'Those that wait with a transaction open.';
COMMENT ON COLUMN platform.connection_use.waiting_for_lock IS 'Those that wait for a lock.';
COMMENT ON COLUMN platform.connection_use.longest_idle_in_transaction_s IS 'The longest such wait, in seconds.';
COMMENT ON COLUMN platform.replication.standby IS 'Name of the standby.';
COMMENT ON COLUMN platform.replication.state IS 'streaming, catchup or another.';
COMMENT ON COLUMN platform.replication.sync_state IS 'quorum, sync, potential or async.';
COMMENT ON COLUMN platform.replication.lag_bytes IS 'WAL that it has not replayed.';
COMMENT ON COLUMN platform.replication.lag_seconds IS 'Time from a commit to its replay; 0 when idle.';
COMMENT ON COLUMN platform.long_transactions.pid IS 'Process, for pg_terminate_backend().';
COMMENT ON COLUMN platform.long_transactions.login IS 'Login.';
COMMENT ON COLUMN platform.long_transactions.application IS 'application_name.';
COMMENT ON COLUMN platform.long_transactions.state IS 'State of the session.';
COMMENT ON COLUMN platform.long_transactions.transaction_seconds IS 'Age of the transaction.';
COMMENT ON COLUMN platform.long_transactions.state_seconds IS 'Time in this state.';
COMMENT ON COLUMN platform.long_transactions.wait_event_type IS 'Kind of what it waits for.';
COMMENT ON COLUMN platform.long_transactions.wait_event IS 'What it waits for.';
COMMENT ON COLUMN platform.long_transactions.blocked_by IS 'How many sessions hold the lock it waits for.';
COMMENT ON COLUMN platform.long_transactions.query IS 'First 300 characters of its last statement.';
COMMENT ON COLUMN platform.slow_queries.login IS 'Login that ran the statement.';
COMMENT ON COLUMN platform.slow_queries.queryid IS 'Hash of the normalised statement.';
COMMENT ON COLUMN platform.slow_queries.query IS 'Normalised text.';
COMMENT ON COLUMN platform.slow_queries.calls IS 'Executions.';
COMMENT ON COLUMN platform.slow_queries.mean_ms IS 'Mean execution time in ms.';
COMMENT ON COLUMN platform.slow_queries.max_ms IS 'Longest execution in ms.';
COMMENT ON COLUMN platform.slow_queries.total_ms IS 'Time spent in all executions in ms.';
COMMENT ON COLUMN platform.slow_queries.rows IS 'Rows returned or changed in all executions.';
COMMENT ON COLUMN platform.slow_queries.hit_ratio IS 'Share of blocks found in shared buffers, 0 to 1.';
COMMENT ON COLUMN platform.slow_queries.temp_bytes IS 'Written to temporary files in all executions.';

import { AUDITOR, DATABASE } from "../../lib/names.ts";
import { reservedConnections } from "../stack/connections.ts";
import { PRELOADED_LIBRARIES } from "./catalogue.ts";
import type { SizingHost } from "./memory.ts";

/** Patroni 4.1 takes no fewer, and would put 100 in their place. */
const LEAST_CONNECTIONS = 25;

/** The parameters that do not follow from the amount of memory. */
export function computedParameters(host: SizingHost): Record<string, string> {
  return {
    ...connections(host),
    ...workers(host),
    ...disk(host),
    ...autovacuum(host),
    ...replication(host),
    ...planner(host),
    ...MONITORING,
    ...LOGGING,
    ...AUDIT,
    ...SESSIONS,
  };
}

function connections({ maxConnections }: SizingHost): Record<string, string> {
  return {
    max_connections: String(Math.max(maxConnections, LEAST_CONNECTIONS)),
    superuser_reserved_connections: String(reservedConnections.superuser),
    // A statement that is not pruned locks every partition and each of its indexes.
    max_locks_per_transaction: "128",
    max_prepared_transactions: "0",
  };
}

/**
 * One parallel worker per core for the whole server; a single statement gets fewer the more run at once. An index build
 * takes half the cores, its leader counted: on 2 cores with a worker beside it, the writers' 99th percentile was twice as
 * long as without, and the build a tenth shorter.
 */
function workers({ cpus, workload }: SizingHost): Record<string, string> {
  const most = { oltp: 2, mixed: 4, olap: 8 }[workload];
  return {
    // Beside the parallel ones: pg_cron's launcher and jobs, and the logical replication launcher.
    max_worker_processes: String(cpus + reservedConnections.cron + 3),
    max_parallel_workers: String(cpus),
    max_parallel_workers_per_gather: String(Math.min(Math.floor(cpus / 2), most)),
    max_parallel_maintenance_workers: String(Math.min(Math.max(Math.floor(cpus / 2) - 1, 0), 4)),
  };
}

function disk({ storage }: SizingHost): Record<string, string> {
  const spinning = storage === "hdd";
  const concurrency = { hdd: 2, ssd: 200, nvme: 500 }[storage];
  return {
    random_page_cost: { hdd: "4", ssd: "1.1", nvme: "1" }[storage],
    effective_io_concurrency: String(concurrency),
    maintenance_io_concurrency: String(spinning ? 10 : concurrency),
    checkpoint_timeout: "15min",
    checkpoint_completion_target: "0.9",
    wal_compression: "lz4",
    // A fraction of pglz's processor time for values that are about as small. Stored ones stay as they are, and readable.
    default_toast_compression: "lz4",
    autovacuum_vacuum_cost_limit: spinning ? "400" : "2000",
    autovacuum_vacuum_cost_delay: "2ms",
  };
}

/** More often and in smaller pieces than PostgreSQL's defaults, which wait until a fifth of a table is dead. */
function autovacuum({ cpus }: SizingHost): Record<string, string> {
  return {
    autovacuum_max_workers: String(Math.min(Math.max(Math.floor(cpus / 4), 3), 8)),
    autovacuum_naptime: "30s",
    autovacuum_vacuum_scale_factor: "0.05",
    autovacuum_vacuum_insert_scale_factor: "0.1",
    autovacuum_analyze_scale_factor: "0.02",
  };
}

/** Enough senders and slots for seven members and backups, so that one more member is no restart. */
function replication({ members }: SizingHost): Record<string, string> {
  const senders = String(Math.max(20, 2 * members + 6));
  return {
    wal_level: "replica",
    max_wal_senders: senders,
    max_replication_slots: senders,
    wal_log_hints: "on",
    // Queries on replicas are not cancelled for rows that the primary cleans up.
    hot_standby_feedback: "on",
    // Until a replica follows the new primary, commits that wait for one wait for it.
    wal_retrieve_retry_interval: "500ms",
    // A lost replica's connection is given up after about a minute, like any other dead peer's below.
    wal_sender_timeout: "60s",
  };
}

function planner({ workload }: SizingHost): Record<string, string> {
  return {
    default_statistics_target: workload === "olap" ? "500" : "100",
    // Compiling costs more than a short statement takes.
    jit: workload === "olap" ? "on" : "off",
  };
}

const MONITORING: Record<string, string> = {
  shared_preload_libraries: PRELOADED_LIBRARIES.join(","),
  track_io_timing: "on",
  track_functions: "pl",
  // A whole statement in pg_stat_activity, not its first kB.
  track_activity_query_size: "4kB",
  "pg_stat_statements.track": "top",
  "pg_stat_statements.track_utility": "off",
  "pg_stat_statements.save": "on",
  // The requirements' limit for a statement is 200 ms. Timing each node of each plan would cost more than it tells.
  "auto_explain.log_min_duration": "200ms",
  "auto_explain.log_analyze": "on",
  "auto_explain.log_timing": "off",
  "auto_explain.log_buffers": "on",
  "auto_explain.log_nested_statements": "on",
  "cron.database_name": DATABASE,
  "cron.use_background_workers": "on",
  "cron.max_running_jobs": String(reservedConnections.cron),
};

/** No statement's text and no parameter is logged but by auto_explain, which sees no utility statement: a
 * password in CREATE ROLE does not reach the log, not even when it fails. */
const LOGGING: Record<string, string> = {
  log_statement: "none",
  log_min_duration_statement: "-1",
  log_min_error_statement: "panic",
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  // Details of an error show values of rows and keys ("Failing row contains …"). They go to the client alone.
  log_error_verbosity: "terse",
  // Who came, from where, and when they left. Clients keep their connections: PgBouncer's live for ten minutes.
  log_connections: "on",
  log_disconnections: "on",
  log_replication_commands: "on",
  log_checkpoints: "on",
  log_lock_waits: "on",
  log_temp_files: "10MB",
  log_autovacuum_min_duration: "1s",
  log_line_prefix: "%m [%p] %q%u@%d %a %h ",
  log_timezone: "UTC",
};

/**
 * What pgaudit writes to the log (docs/audit.md): DDL, changes of roles, writes and SET of every login that
 * sql/platform/R__audit.sql does not narrow, and whatever modifies a table on which the auditor was granted that.
 * Statements' texts only of logins that the same file names, parameters' values of nobody: both can hold secrets.
 */
const AUDIT: Record<string, string> = {
  "pgaudit.log": "ddl,role,write,misc_set",
  "pgaudit.log_relation": "on",
  "pgaudit.log_statement": "off",
  "pgaudit.log_parameter": "off",
  "pgaudit.role": AUDITOR,
};

const SESSIONS: Record<string, string> = {
  TimeZone: "UTC",
  password_encryption: "scram-sha-256",
  // In transaction pooling such a session keeps a server connection from everybody else.
  idle_in_transaction_session_timeout: "5min",
  // A dead peer is noticed after about two minutes, a client that went away during a long query after 10 s.
  tcp_keepalives_idle: "60",
  tcp_keepalives_interval: "10",
  tcp_keepalives_count: "6",
  client_connection_check_interval: "10s",
};

import type { Parameters, PeerHost } from "./peerHost.ts";

/** A twentieth of a disk is counted in GB: this many bytes of disk for each. */
const DISK_PER_GB = 20 * 1024 ** 3;

/**
 * What Pigsty's template `oltp` (its default) gives PostgreSQL 15, told the number of connections (`pg_max_conn`),
 * with a quarter of the memory for `shared_buffers` and the libraries that it loads by default.
 *
 * From `roles/pgsql/templates/oltp.yml` of github.com/pgsty/pigsty, commit 05dd7a2 (2025). Left out is what concerns
 * files and not speed: TLS, archiving, where the log goes and how it is rotated; and pg_wait_sampling, which is
 * configured there but not loaded.
 */
export function pigsty(host: PeerHost): Parameters {
  const { memoryMb, cpus, maxConnections } = host;
  const buffers = Math.ceil(memoryMb * 0.25);
  const twentieth = Math.min(Math.max(Math.ceil(host.diskBytes / DISK_PER_GB), 1), 100);
  const workMem = Math.min(Math.max(Math.floor(buffers / maxConnections), 64), 1_024);
  return {
    max_connections: String(maxConnections),
    superuser_reserved_connections: "10",
    max_locks_per_transaction: String(maxConnections),
    max_prepared_transactions: "0",
    track_commit_timestamp: "on",
    wal_level: "logical",
    wal_log_hints: "on",
    max_worker_processes: String(Math.max(cpus + 8, 16) + 8),
    max_wal_senders: "50",
    max_replication_slots: "50",
    shared_buffers: `${buffers}MB`,
    maintenance_work_mem: `${Math.ceil(buffers * 0.25)}MB`,
    work_mem: `${workMem}MB`,
    effective_cache_size: `${memoryMb - buffers}MB`,
    max_parallel_workers: String(Math.max(Math.ceil(cpus * 0.5), 2)),
    max_parallel_maintenance_workers: String(Math.max(Math.ceil(cpus * 0.33), 2)),
    max_parallel_workers_per_gather: String(Math.min(Math.max(Math.floor(cpus * 0.2), 2), 8)),
    min_wal_size: `${twentieth}GB`,
    max_wal_size: `${twentieth * 4}GB`,
    max_slot_wal_keep_size: `${twentieth * 6}GB`,
    temp_file_limit: `${twentieth}GB`,
    ...(host.storage !== "hdd" && { random_page_cost: "1.1", effective_io_concurrency: "200" }),
    ...SETTLED,
  };
}

const SETTLED: Parameters = {
  parallel_setup_cost: "2000",
  parallel_tuple_cost: "0.2",
  min_parallel_table_scan_size: "16MB",
  min_parallel_index_scan_size: "1024",
  hash_mem_multiplier: "8",
  huge_pages: "try",
  vacuum_cost_delay: "20ms",
  vacuum_cost_limit: "2000",
  bgwriter_delay: "10ms",
  bgwriter_lru_maxpages: "800",
  bgwriter_lru_multiplier: "5",
  wal_buffers: "16MB",
  wal_writer_delay: "20ms",
  wal_writer_flush_after: "1MB",
  commit_delay: "20",
  commit_siblings: "10",
  checkpoint_timeout: "15min",
  checkpoint_completion_target: "0.8",
  max_standby_archive_delay: "10min",
  max_standby_streaming_delay: "3min",
  wal_receiver_status_interval: "1s",
  hot_standby_feedback: "on",
  wal_receiver_timeout: "60s",
  max_logical_replication_workers: "8",
  max_sync_workers_per_subscription: "6",
  default_statistics_target: "400",
  log_checkpoints: "on",
  log_lock_waits: "on",
  log_temp_files: "1024kB",
  log_replication_commands: "on",
  log_statement: "ddl",
  log_min_duration_statement: "100ms",
  log_autovacuum_min_duration: "1s",
  track_io_timing: "on",
  track_functions: "all",
  track_activity_query_size: "8192",
  autovacuum_max_workers: "3",
  autovacuum_naptime: "1min",
  autovacuum_vacuum_scale_factor: "0.08",
  autovacuum_analyze_scale_factor: "0.04",
  autovacuum_vacuum_cost_delay: "-1",
  autovacuum_vacuum_cost_limit: "-1",
  autovacuum_freeze_max_age: "1000000000",
  deadlock_timeout: "50ms",
  idle_in_transaction_session_timeout: "10min",
  shared_preload_libraries: "pg_stat_statements,auto_explain",
  "auto_explain.log_min_duration": "1s",
  "auto_explain.log_analyze": "on",
  "auto_explain.log_verbose": "on",
  "auto_explain.log_timing": "on",
  "auto_explain.log_nested_statements": "on",
  "pg_stat_statements.max": "10000",
  "pg_stat_statements.track": "all",
  "pg_stat_statements.track_utility": "off",
  "pg_stat_statements.track_planning": "off",
};

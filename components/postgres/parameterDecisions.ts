import { markdownEntry } from "../../lib/text/markdownEntry.ts";

/**
 * Who decides about each parameter of the catalogue. A test holds the lists against it: a parameter that a new
 * PostgreSQL brings belongs nowhere, and fails.
 */

/** Why an operator does not set a parameter, and what to do instead. */
export interface Owner {
  who: string;
  remedy: string;
}

/** What a value costs that PostgreSQL takes: refused in production, a warning in development. */
export interface Danger {
  /** The values that cost nothing, as PostgreSQL shows them. */
  safe: RegExp;
  /** What is lost with any other, as a sentence without its end. */
  loses: string;
}

const names = (text: string): string[] => text.trim().split(/\s+/);

const patroni = (remedy: string, text: string): [Owner, string[]] => [
  { who: "Patroni", remedy: `take it out; ${remedy}` },
  names(text),
];
const ours = (reason: string, text: string): [Owner, string[]] => [
  { who: "acgs-db", remedy: `take it out; ${reason}` },
  names(text),
];

const OWNED: readonly [Owner, string[]][] = [
  patroni(
    "Patroni sets it from the member's own name and addresses",
    "listen_addresses unix_socket_directories unix_socket_group unix_socket_permissions",
  ),
  patroni("published ports are set by acgs-db:ports.postgres", "port"),
  patroni("the cluster is named by acgs-db:prefix", "cluster_name"),
  patroni("Patroni keeps it on", "hot_standby"),
  patroni("the way is acgs-db:postgres.synchronous", "synchronous_standby_names"),
  patroni("the way is `npm run switchover`", "promote_trigger_file"),
  patroni("a replica that lags on purpose cannot take over", "recovery_min_apply_delay"),
  patroni(
    "Patroni decides what a replica follows and how far it recovers",
    `primary_conninfo primary_slot_name recovery_end_command recovery_target recovery_target_action
     recovery_target_inclusive recovery_target_lsn recovery_target_name recovery_target_time
     recovery_target_timeline recovery_target_xid wal_receiver_create_temp_slot`,
  ),
  patroni(
    "the files lie where the image and Patroni expect them",
    "data_directory config_file hba_file ident_file external_pid_file",
  ),
  patroni("Patroni 4.1 does not know it, and hands no server a value of it", "composite_type_mismatch"),

  ours(
    "connections are encrypted with the stack's own certificates, by TLS 1.2 or later: acgs-db:tls and acgs-db:certificateAuthority are what may be set",
    `ssl ssl_ca_file ssl_cert_file ssl_ciphers ssl_crl_dir ssl_crl_file ssl_dh_params_file ssl_ecdh_curve ssl_key_file
     ssl_max_protocol_version ssl_min_protocol_version ssl_passphrase_command ssl_passphrase_command_supports_reload
     ssl_prefer_server_ciphers`,
  ),
  ours(
    "the access rules know passwords (SCRAM) and certificates, and logins by their whole name",
    "db_user_namespace krb_caseins_users krb_server_keyfile",
  ),
  ours(
    "the stack archives no WAL and has no backups yet (docs/limits.md); WAL that nobody fetches fills the disk",
    "archive_mode archive_command archive_library archive_timeout archive_cleanup_command restore_command",
  ),
  ours(
    "the servers write to stderr, which the container engine keeps and rotates (`docker logs`)",
    `event_source log_destination log_directory log_file_mode log_filename log_rotation_age log_rotation_size
     log_truncate_on_rotation logging_collector syslog_facility syslog_ident syslog_sequence_numbers
     syslog_split_messages`,
  ),
  ours(
    "upkeep reads pg_cron's record of runs, and its jobs and their connections are counted on",
    `cron.database_name cron.enable_superuser_jobs cron.host cron.log_run cron.max_running_jobs
     cron.use_background_workers`,
  ),
  ours("the audit log goes by the privileges of the stack's own role (docs/audit.md)", "pgaudit.role"),
  ours(
    "it is as the image and its container are made: see images/postgres",
    `bonjour bonjour_name dynamic_library_path dynamic_shared_memory_type extension_destdir jit_provider
     shared_memory_type`,
  ),
  ours(
    "the stack has one table access method and no tablespaces",
    "default_table_access_method default_tablespace temp_tablespaces",
  ),
  ours(
    "every login has its own, so this would end only deployments, jobs and backups; a service sets it in its transaction, with SET LOCAL",
    "idle_in_transaction_session_timeout lock_timeout search_path statement_timeout",
  ),
  ours(
    "PgBouncer closes what is idle; a server that did would end connections just given to a client",
    "idle_session_timeout",
  ),
  ours(
    "deployments, jobs and Patroni are written for PostgreSQL's default; a service sets it in its connection, where PgBouncer keeps it",
    "client_encoding IntervalStyle standard_conforming_strings",
  ),
  ours(
    "deployments, jobs and Patroni are written for PostgreSQL's default; a service sets it in its transaction, with SET LOCAL",
    "array_nulls exit_on_error quote_all_identifiers restrict_nonsystem_relation_kind row_security",
  ),
  ours(
    "deployments, jobs and Patroni are written for PostgreSQL's default; a service says it as its transaction begins (BEGIN ISOLATION LEVEL …, READ ONLY)",
    "default_transaction_isolation default_transaction_read_only",
  ),
  ours("it is for debuggers of the server, and holds up every connection", "post_auth_delay pre_auth_delay"),
  ours(
    "PostgreSQL takes it only alone; log_parser_stats, log_planner_stats and log_executor_stats tell more",
    "log_statement_stats",
  ),

  [
    {
      who: "the transaction",
      remedy:
        "take it out; each transaction sets its own (BEGIN … READ ONLY), and the server's value is never in force",
    },
    names("transaction_deferrable transaction_isolation transaction_read_only"),
  ],
  [
    {
      who: "PostgreSQL",
      remedy: "take it out; it is fixed when the server is built or its data directory is made",
    },
    names(`block_size data_checksums data_directory_mode debug_assertions in_hot_standby integer_datetimes lc_collate
      lc_ctype max_function_args max_identifier_length max_index_keys segment_size server_encoding server_version
      server_version_num shared_memory_size shared_memory_size_in_huge_pages ssl_library wal_block_size
      wal_segment_size`),
  ],
];

const OFF = /^off$/;
const ON = /^on$/;
const ONE_OF = (...values: string[]) => new RegExp(`^(${values.join("|")})$`);
const danger = (safe: RegExp, loses: string, text: string): [Danger, string[]] => [
  { safe, loses },
  names(text),
];

const DANGEROUS: readonly [Danger, string[]][] = [
  danger(
    ON,
    "a crash of the host leaves a database that is damaged, and may not start any more",
    "fsync full_page_writes",
  ),
  danger(
    ONE_OF("on", "remote_apply", "remote_write"),
    "commits are acknowledged before they are safe: a crash or a failover loses the last of them",
    "synchronous_commit",
  ),
  danger(OFF, "a write that the disk lost is taken for done, and its rows are gone", "data_sync_retry"),
  danger(
    OFF,
    "damage on the disk is passed over: its rows are lost or wrong, and nobody is told",
    "ignore_checksum_failure ignore_invalid_pages zero_damaged_pages",
  ),
  danger(
    OFF,
    "the catalogues can be damaged, or are read without their indexes: slowly, and without the check of uniqueness",
    "allow_system_table_mods ignore_system_indexes",
  ),
  danger(
    OFF,
    "tablespaces are made within the data directory, where nothing expects them",
    "allow_in_place_tablespaces",
  ),
  danger(
    ONE_OF("origin", "local"),
    "triggers and foreign keys are not checked: rows contradict each other, and the audit trail has gaps",
    "session_replication_role",
  ),
  danger(
    ON,
    "dead rows stay and statistics age: tables swell and plans go wrong, until an emergency vacuum stops all",
    "autovacuum track_counts",
  ),
  danger(
    ON,
    "nobody sees what runs: reports, progress of deployments and advice are empty",
    "track_activities",
  ),
  danger(ONE_OF("auto", "on", "regress"), "pg_stat_statements counts nothing", "compute_query_id"),
  danger(ONE_OF("top", "all"), "pg_stat_statements counts nothing", "pg_stat_statements.track"),
  danger(
    /^scram-sha-256$/,
    "passwords that are set on the server are kept as MD5, which is broken, and open no login here",
    "password_encryption",
  ),
  danger(
    /^none$/,
    "the log holds statements with the values in them, and of CREATE ROLE the password",
    "log_statement",
  ),
  danger(
    /^-1$/,
    "the log holds statements with the values in them, and of ALTER ROLE the password",
    "log_min_duration_sample log_min_duration_statement",
  ),
  danger(/^0$/, "the log holds statements with the values in them", "log_transaction_sample_rate"),
  danger(
    /^0$/,
    "the log holds the values of statements' parameters",
    "log_parameter_max_length log_parameter_max_length_on_error",
  ),
  danger(
    ONE_OF("fatal", "panic"),
    "the log holds statements with the values in them, and of a failed ALTER ROLE the password",
    "log_min_error_statement",
  ),
  danger(
    ONE_OF("info", "notice", "warning", "error", "log", "fatal", "panic"),
    "the log holds statements with the values in them",
    "log_min_messages",
  ),
  danger(/^terse$/, "the log holds values of rows that break a constraint", "log_error_verbosity"),
  danger(
    OFF,
    "the log holds statements with the values in them",
    `debug_print_parse debug_print_plan debug_print_rewritten pgaudit.log_parameter pgaudit.log_statement`,
  ),
  danger(
    /^(?=.*\ball\b)(?!.*-)|^(?=.*(?<!-)\bddl\b)(?=.*(?<!-)\brole\b)(?=.*(?<!-)\bwrite\b)/i,
    "the audit log misses changes of schemas, roles or rows: it takes at least ddl,role,write",
    "pgaudit.log",
  ),
  danger(/^log$/, "lines of the audit log go to clients, or are not written at all", "pgaudit.log_level"),
  danger(
    ONE_OF("notice", "warning", "error"),
    "clients are sent the server's own messages, with the statements of their sessions",
    "client_min_messages",
  ),
  danger(
    ON,
    "a function with a fault in it is made without an error, and fails when it is called",
    "check_function_bodies",
  ),
  danger(/^[1-3]$/, "numbers of double precision lose digits on their way to clients", "extra_float_digits"),
  danger(/^0$/, "searches over GIN indexes return some of the rows, at random", "gin_fuzzy_search_limit"),
  danger(OFF, "everybody reads and changes large objects", "lo_compat_privileges"),
  danger(
    OFF,
    "= NULL is taken for IS NULL: queries return other rows than they say",
    "transform_null_equals",
  ),
  danger(
    OFF,
    "each compiled expression leaves files in the data directory, until the disk is full",
    "jit_dump_bitcode",
  ),
  danger(
    /^off$/,
    "statements start workers that they do not need, or hide that they have them",
    "force_parallel_mode",
  ),
  danger(
    /^$/,
    "WAL grows many times over, and a replica that finds a difference stops",
    "wal_consistency_checking",
  ),
  danger(ON, "files of crashed statements stay, until the disk is full", "remove_temp_files_after_crash"),
  danger(OFF, "the server writes files for debuggers", "jit_debugging_support jit_profiling_support"),
];

/** Whatever value of these PostgreSQL takes within the catalogue's limits, no data and no member is lost by it. */
const OPERATORS: ReadonlySet<string> = new Set(
  names(`
    DateStyle TimeZone application_name authentication_timeout auto_explain.log_analyze auto_explain.log_buffers
    auto_explain.log_format auto_explain.log_level auto_explain.log_min_duration auto_explain.log_nested_statements
    auto_explain.log_settings auto_explain.log_timing auto_explain.log_triggers auto_explain.log_verbose
    auto_explain.log_wal auto_explain.sample_rate
    autovacuum_analyze_scale_factor autovacuum_analyze_threshold autovacuum_freeze_max_age autovacuum_max_workers
    autovacuum_multixact_freeze_max_age autovacuum_naptime autovacuum_vacuum_cost_delay autovacuum_vacuum_cost_limit
    autovacuum_vacuum_insert_scale_factor autovacuum_vacuum_insert_threshold autovacuum_vacuum_scale_factor
    autovacuum_vacuum_threshold autovacuum_work_mem
    backend_flush_after backslash_quote backtrace_functions bgwriter_delay bgwriter_flush_after bgwriter_lru_maxpages
    bgwriter_lru_multiplier bytea_output checkpoint_completion_target checkpoint_flush_after checkpoint_timeout
    checkpoint_warning client_connection_check_interval commit_delay commit_siblings constraint_exclusion
    cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost cron.log_min_messages cron.log_statement
    cursor_tuple_fraction deadlock_timeout debug_discard_caches debug_pretty_print default_statistics_target
    default_text_search_config default_toast_compression default_transaction_deferrable effective_cache_size
    effective_io_concurrency
    enable_async_append enable_bitmapscan enable_gathermerge enable_hashagg enable_hashjoin enable_incremental_sort
    enable_indexonlyscan enable_indexscan enable_material enable_memoize enable_mergejoin enable_nestloop
    enable_parallel_append enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate
    enable_partitionwise_join enable_seqscan enable_sort enable_tidscan
    escape_string_warning from_collapse_limit geqo geqo_effort geqo_generations geqo_pool_size geqo_seed
    geqo_selection_bias geqo_threshold gin_pending_list_limit hash_mem_multiplier hot_standby_feedback huge_page_size
    huge_pages jit jit_above_cost jit_expressions jit_inline_above_cost jit_optimize_above_cost jit_tuple_deforming
    join_collapse_limit lc_messages lc_monetary lc_numeric lc_time local_preload_libraries
    log_autovacuum_min_duration log_checkpoints log_connections log_disconnections log_duration log_executor_stats
    log_hostname log_line_prefix log_lock_waits log_parser_stats log_planner_stats log_recovery_conflict_waits
    log_replication_commands log_startup_progress_interval log_statement_sample_rate log_temp_files log_timezone
    logical_decoding_work_mem maintenance_io_concurrency maintenance_work_mem max_connections max_files_per_process
    max_locks_per_transaction max_logical_replication_workers max_parallel_maintenance_workers max_parallel_workers
    max_parallel_workers_per_gather max_pred_locks_per_page max_pred_locks_per_relation
    max_pred_locks_per_transaction max_prepared_transactions max_replication_slots max_slot_wal_keep_size
    max_stack_depth max_standby_archive_delay max_standby_streaming_delay max_sync_workers_per_subscription
    max_wal_senders max_wal_size max_worker_processes min_dynamic_shared_memory min_parallel_index_scan_size
    min_parallel_table_scan_size min_wal_size old_snapshot_threshold output_plugin_libraries
    parallel_leader_participation parallel_setup_cost parallel_tuple_cost pg_stat_statements.max
    pg_stat_statements.save pg_stat_statements.track_planning pg_stat_statements.track_utility pgaudit.log_catalog
    pgaudit.log_client pgaudit.log_relation pgaudit.log_rows pgaudit.log_statement_once plan_cache_mode
    random_page_cost recovery_init_sync_method recovery_prefetch recursive_worktable_factor restart_after_crash
    seq_page_cost session_preload_libraries shared_buffers shared_preload_libraries stats_fetch_consistency
    superuser_reserved_connections synchronize_seqscans tcp_keepalives_count tcp_keepalives_idle
    tcp_keepalives_interval tcp_user_timeout temp_buffers temp_file_limit timezone_abbreviations trace_notify
    trace_recovery_messages trace_sort track_activity_query_size track_commit_timestamp track_functions
    track_io_timing track_wal_io_timing update_process_title
    vacuum_cost_delay vacuum_cost_limit vacuum_cost_page_dirty vacuum_cost_page_hit vacuum_cost_page_miss
    vacuum_defer_cleanup_age vacuum_failsafe_age vacuum_freeze_min_age vacuum_freeze_table_age
    vacuum_multixact_failsafe_age vacuum_multixact_freeze_min_age vacuum_multixact_freeze_table_age
    wal_buffers wal_compression wal_decode_buffer_size wal_init_zero wal_keep_size wal_level wal_log_hints
    wal_receiver_status_interval wal_receiver_timeout wal_recycle wal_retrieve_retry_interval wal_sender_timeout
    wal_skip_threshold wal_sync_method wal_writer_delay wal_writer_flush_after work_mem xmlbinary xmloption`),
);

/** What docs/parameters.md holds between its markers, before it is laid out. */
export function decisionsInWords(): string {
  const code = (all: readonly string[]) => all.map((name) => `\`${name}\``).join(", ");
  const owned = OWNED.map(([{ who, remedy }, all]) =>
    markdownEntry(code(all), remedy.replace(/^take it out; /, ""), [["Set by", who]]),
  );
  const dangerous = DANGEROUS.map(([{ loses }, all]) => markdownEntry(code(all), loses));
  return [
    "## Set by others",
    "Each with the reason and what to do instead.",
    owned.join("\n"),
    "## Dangerous",
    "Each with what a dangerous value loses.",
    dangerous.join("\n"),
  ].join("\n\n");
}

function byName<T>(groups: readonly [T, string[]][]): ReadonlyMap<string, T> {
  return new Map(groups.flatMap(([one, members]) => members.map((name) => [name, one])));
}

const OWNERS = byName(OWNED);
const DANGERS = byName(DANGEROUS);

export type Decision = "the operator's" | "owned" | "dangerous";

/** All that hold for a parameter: one, where the lists are sound. */
export function decisionsOn(name: string): Decision[] {
  return [
    ...(OPERATORS.has(name) ? (["the operator's"] as const) : []),
    ...(OWNERS.has(name) ? (["owned"] as const) : []),
    ...(DANGERS.has(name) ? (["dangerous"] as const) : []),
  ];
}

/** The names in the lists. */
export function decided(): string[] {
  return [...OPERATORS, ...OWNED.flatMap(([, all]) => all), ...DANGEROUS.flatMap(([, all]) => all)];
}

/** Who else sets a parameter; undefined where an operator may. */
export function ownerOf(name: string): Owner | undefined {
  return OWNERS.get(name);
}

/** What a value costs, as a sentence without its end; undefined where it costs nothing. */
export function lossBy(name: string, value: string): string | undefined {
  const found = DANGERS.get(name);
  return found === undefined || found.safe.test(value) ? undefined : found.loses;
}

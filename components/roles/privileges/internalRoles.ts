import {
  CLIENT_GROUP,
  DEPLOYER,
  MONITOR_LOGIN,
  OWNER,
  PGBOUNCER_LOGIN,
  READER_GROUP,
  REWIND_LOGIN,
  SERVICES,
  type ServiceSchema,
  UPKEEP_ROLE,
  VAULT,
  WRITER_GROUP,
} from "../../../lib/names.ts";
import type { Verb } from "./tableClasses.ts";

/** A schema that holds no service's tables, and who may do what in it. Nobody writes to any table here. */
export interface InternalSchema {
  /** Who may name what is in it. */
  readonly usage: readonly string[];
  /** Tables and views by who may read them. */
  readonly readers: Readonly<Record<string, readonly string[]>>;
  /** Functions by who may call them, as `f(integer, text)`. */
  readonly callers: Readonly<Record<string, readonly string[]>>;
}

const monitored = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, [MONITOR_LOGIN]] as const));

const dgmService = SERVICES.find(({ schema }) => schema === "dgm")!.login;

/** As `SERVICE_PRIVILEGES`, for what all schemas share and for what internal roles keep to itself. */
export const INTERNAL_PRIVILEGES: Readonly<Record<string, InternalSchema>> = {
  platform: {
    usage: [CLIENT_GROUP],
    readers: {
      partition_policies: [READER_GROUP],
      partition_coverage: [READER_GROUP],
      ...monitored(
        "partition_skips",
        "upkeep_tasks",
        "table_size_history",
        "index_usage_history",
        "scheduled_jobs",
      ),
      ...monitored("server_state", "connection_use", "replication", "long_transactions", "slow_queries"),
      ...monitored("table_statistics", "partition_sizes", "index_bloat", "table_bloat"),
      ...monitored("index_usage", "redundant_indexes", "invalid_indexes", "unindexed_foreign_keys"),
      ...monitored("index_usage_trend"),
    },
    callers: {
      // A check constraint calls it as whoever writes the row.
      "is_constitutional_hash(text)": [CLIENT_GROUP],
      // Functions beneath a view are called as whoever reads it: partition_coverage, dgm.partition_sizes, index_bloat.
      "month_partitions(regclass)": [READER_GROUP, WRITER_GROUP, dgmService],
      "estimate_index_bloat()": [MONITOR_LOGIN],
      "estimate_table_bloat()": [MONITOR_LOGIN],
      "run_upkeep()": [UPKEEP_ROLE],
    },
  },
  pgbouncer: {
    usage: [PGBOUNCER_LOGIN],
    readers: {},
    callers: { "get_auth(text)": [PGBOUNCER_LOGIN] },
  },
  // Encrypted values. Who may see which is decided by functions of the owner, beside the values.
  vault: {
    usage: [OWNER, VAULT],
    readers: {},
    callers: {
      "active_key()": [OWNER],
      "seal(uuid, jsonb)": [OWNER],
      "open(uuid, bytea, integer)": [OWNER],
    },
  },
  // The ledger of SQL files.
  deploy: { usage: [], readers: {}, callers: {} },
  // To vacuum what pg_cron writes, the upkeep must be able to name it.
  cron: { usage: [UPKEEP_ROLE], readers: {}, callers: {} },
  // Objects of extensions; see EXTENSION_CALLERS for functions that are given as a whole.
  public: {
    usage: [OWNER, CLIENT_GROUP, VAULT],
    readers: {
      pg_stat_statements: [OWNER, MONITOR_LOGIN],
      pg_stat_statements_info: [OWNER, MONITOR_LOGIN],
    },
    callers: {
      // Beneath slow_queries. It hides the texts of others' statements from all but pg_read_all_stats.
      "pg_stat_statements(boolean)": [OWNER, CLIENT_GROUP],
      "pg_stat_statements_info()": [OWNER, MONITOR_LOGIN],
      "pgp_sym_encrypt(text, text, text)": [VAULT],
      "pgp_sym_decrypt(bytea, text)": [VAULT],
    },
  },
};

/**
 * Extensions all of whose functions may be called, and by whom: they compute, and touch nothing. Those of the other
 * extensions are closed but for what {@link INTERNAL_PRIVILEGES} names. pgstattuple's too, which its script gives to
 * `pg_stat_scan_tables`, and so to `acgs_monitor` by way of `pg_monitor`: they read whole tables, whoever's they are.
 */
export const EXTENSION_CALLERS: Readonly<Record<string, readonly string[]>> = {
  pgcrypto: [OWNER, CLIENT_GROUP],
  pg_trgm: [OWNER, CLIENT_GROUP],
  "uuid-ossp": [OWNER, CLIENT_GROUP],
};

/** Databases beside the stack's own, by who may connect: PostgreSQL lets everybody otherwise. */
export const OTHER_DATABASES: Readonly<Record<string, readonly string[]>> = {
  // pg_rewind asks the primary there; roles and the database are made from there.
  postgres: [REWIND_LOGIN, DEPLOYER],
  template1: [],
};

/** Languages by who may write functions and DO blocks in them. */
export const LANGUAGES: Readonly<Record<string, readonly string[]>> = { plpgsql: [OWNER], sql: [OWNER] };

/** Built-in functions that PostgreSQL keeps to superusers, by who else may call them. */
export const BUILT_IN_CALLERS: Readonly<Record<string, readonly string[]>> = {
  // A file by its whole path; outside of the data directory that takes membership in pg_read_server_files too.
  "pg_read_file(text, bigint, bigint, boolean)": [VAULT],
};

/**
 * What roles of internal accounts get on all tables of a service's schema, partitions and later ones included: pgaudit logs
 * what {@link AUDITOR} is granted, whoever does it.
 */
export const AUDITED: Partial<Record<ServiceSchema, readonly Verb[]>> = {
  dgm: ["INSERT", "UPDATE", "DELETE"],
  integrity: ["INSERT", "UPDATE", "DELETE"],
};

/**
 * Built-in functions that PostgreSQL lets everybody call and that leave something behind which the caller owns: large
 * objects, of any size. All other built-in functions and catalogues stay PUBLIC's, because drivers, psql and the
 * operators of every type are made of them; and so does the use of types, which reads and writes nothing.
 */
export const CLOSED_BUILT_INS = ["lo_creat(integer)", "lo_create(oid)", "lo_from_bytea(oid, bytea)"] as const;

import catalogue from "./catalogue.json" with { type: "json" };
import type { CatalogueRow } from "./catalogue.generate.ts";

/** What a change of a parameter costs a running member. */
export type ChangeCost = "reload" | "restart" | "restart, the primary first when lowered";

export interface CatalogueEntry extends Omit<CatalogueRow, "context"> {
  /** As PostgreSQL spells it; it takes any case. */
  name: string;
  cost: ChangeCost;
  /** Why nobody sets it here, and what to do instead; absent where an operator may set it. */
  owner?: { who: string; remedy: string };
}

/** Loaded by every member when it starts: statistics, plans of slow statements, the jobs' scheduler, the audit log. */
export const PRELOADED_LIBRARIES = ["pg_stat_statements", "auto_explain", "pg_cron", "pgaudit"] as const;

/**
 * A standby does not run with less of these than its primary (PostgreSQL 15, "Hot Standby: Administrator's
 * Overview"): raised, the replicas restart first; lowered, the primary does.
 */
const STANDBY_NEEDS_AS_MUCH = new Set([
  "max_connections",
  "max_locks_per_transaction",
  "max_prepared_transactions",
  "max_wal_senders",
  "max_worker_processes",
]);

/**
 * Least values beyond those that PostgreSQL itself names, in the parameter's unit. Patroni 4.1 replaces what is
 * lower by its own default; a server with WAL sizes below two segments does not start.
 */
const LEAST: Record<string, number> = {
  max_connections: 25,
  max_locks_per_transaction: 32,
  max_replication_slots: 4,
  max_wal_senders: 3,
  max_worker_processes: 2,
  wal_keep_size: 16,
  min_wal_size: 32,
  max_wal_size: 32,
};

/** Patroni 4.1 takes no `wal_level` below these, because replicas and pg_rewind need it. */
const VALUES: Record<string, string[]> = { wal_level: ["replica", "logical"] };

const byPatroni = (remedy: string) => ({ who: "Patroni", remedy });
const BY_DISCOVERY = byPatroni("take it out; Patroni sets it from the member's own name and addresses");
const BY_RECOVERY = byPatroni("take it out; Patroni decides what a replica follows and how far it recovers");
const BY_FILES = byPatroni("take it out; the files lie where the image and Patroni expect them");

const OWNED: Record<string, { who: string; remedy: string }> = {
  listen_addresses: BY_DISCOVERY,
  port: byPatroni("take it out; published ports are set by acgs-db:ports.postgres"),
  cluster_name: byPatroni("take it out; the cluster is named by acgs-db:prefix"),
  unix_socket_directories: BY_DISCOVERY,
  unix_socket_group: BY_DISCOVERY,
  unix_socket_permissions: BY_DISCOVERY,
  hot_standby: byPatroni("take it out; Patroni keeps it on"),
  synchronous_standby_names: byPatroni("use acgs-db:postgres.synchronous"),
  primary_conninfo: BY_RECOVERY,
  primary_slot_name: BY_RECOVERY,
  promote_trigger_file: byPatroni("use `patronictl switchover` or `patronictl failover`"),
  recovery_end_command: BY_RECOVERY,
  recovery_min_apply_delay: byPatroni("take it out; a replica that lags on purpose cannot take over"),
  data_directory: BY_FILES,
  config_file: BY_FILES,
  hba_file: BY_FILES,
  ident_file: BY_FILES,
  external_pid_file: BY_FILES,
};

const INTERNAL = {
  who: "PostgreSQL",
  remedy: "take it out; it is fixed when the server is built or its data directory is made",
};

/** Every parameter of the stack's PostgreSQL, those of the preloaded libraries included. */
export const CATALOGUE: ReadonlyMap<string, CatalogueEntry> = new Map(
  Object.entries(catalogue.parameters as unknown as Record<string, CatalogueRow>).map(([name, row]) => [
    name,
    entry(name, row),
  ]),
);

const BY_LOWER_CASE = new Map([...CATALOGUE.values()].map((entry) => [entry.name.toLowerCase(), entry]));

/** A parameter by its name in any case, as PostgreSQL looks it up. */
export function parameter(name: string): CatalogueEntry | undefined {
  return CATALOGUE.get(name) ?? BY_LOWER_CASE.get(name.toLowerCase());
}

/**
 * How a value that takes a restart comes into force: by hand, and listed as pending until then, or by the update that
 * brings it, one member after the other.
 */
export type RestartMode = "manual" | "rolling";

/** Parameters under headings that say what a change of them costs, as the preview shows them. */
export interface ParametersByCost {
  appliedByReload: Record<string, string>;
  /** Where restarts are made by hand. */
  pendingUntilRestart?: Record<string, string>;
  pendingUntilRestartPrimaryFirstWhenLowered?: Record<string, string>;
  /** Where the update makes them. */
  appliedByRollingRestart?: Record<string, string>;
  appliedByRollingRestartPrimaryFirstWhenLowered?: Record<string, string>;
}

/** A name that is not in the catalogue counts as a reload. */
export function splitByCost(values: Readonly<Record<string, string>>, mode: RestartMode): ParametersByCost {
  const of = (cost: ChangeCost) =>
    Object.fromEntries(
      Object.entries(values)
        .filter(([name]) => (parameter(name)?.cost ?? "reload") === cost)
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    );
  const restart = of("restart");
  const primaryFirst = of("restart, the primary first when lowered");
  return {
    appliedByReload: of("reload"),
    ...(mode === "rolling"
      ? { appliedByRollingRestart: restart, appliedByRollingRestartPrimaryFirstWhenLowered: primaryFirst }
      : { pendingUntilRestart: restart, pendingUntilRestartPrimaryFirstWhenLowered: primaryFirst }),
  };
}

/** All of them again. */
export function parametersOf(split: ParametersByCost): Record<string, string> {
  return {
    ...split.appliedByReload,
    ...split.pendingUntilRestart,
    ...split.pendingUntilRestartPrimaryFirstWhenLowered,
    ...split.appliedByRollingRestart,
    ...split.appliedByRollingRestartPrimaryFirstWhenLowered,
  };
}

function entry(name: string, { context, ...row }: CatalogueRow): CatalogueEntry {
  const owner = OWNED[name] ?? (context === "internal" ? INTERNAL : recoveryTarget(row.category));
  const values = VALUES[name] ?? row.values;
  const least = Math.max(row.min ?? -Infinity, LEAST[name] ?? -Infinity);
  return {
    name,
    ...row,
    ...(values !== undefined && { values }),
    ...(row.min !== undefined && { min: least }),
    cost: costOf(name, context),
    ...(owner !== undefined && { owner }),
  };
}

function costOf(name: string, context: string): ChangeCost {
  if (context !== "postmaster") return "reload";
  return STANDBY_NEEDS_AS_MUCH.has(name) ? "restart, the primary first when lowered" : "restart";
}

function recoveryTarget(category: string) {
  return category === "Write-Ahead Log / Recovery Target" ? BY_RECOVERY : undefined;
}

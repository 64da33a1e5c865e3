import catalogue from "./catalogue.json" with { type: "json" };
import type { CatalogueRow } from "./catalogue.generate.ts";
import { type Owner, ownerOf } from "./parameterDecisions.ts";

/** What a change of a parameter costs a running member. */
export type ChangeCost = "reload" | "restart" | "restart, the primary first when lowered";

export interface CatalogueEntry extends Omit<CatalogueRow, "context"> {
  /** As PostgreSQL spells it; it takes any case. */
  name: string;
  cost: ChangeCost;
  /** Why nobody sets it here, and what to do instead; absent where an operator may set it. */
  owner?: Owner;
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
 * lower by its own default.
 */
const LEAST: Record<string, number> = {
  max_connections: 25,
  max_locks_per_transaction: 32,
  max_replication_slots: 4,
  max_wal_senders: 3,
  wal_keep_size: 16,
  // pg_cron's launcher and five jobs, the logical replication launcher, and one that is free.
  max_worker_processes: 8,
  // A server with WAL sizes below two segments does not start.
  min_wal_size: 32,
  max_wal_size: 32,
  // Replication breaks off with each pause that is longer, and with 0 a dead peer is never given up.
  wal_receiver_timeout: 1_000,
  wal_sender_timeout: 1_000,
  // With 0 a replica confirms no commit, and one that waits for it waits for ever.
  wal_receiver_status_interval: 1,
};

/** Greatest values below those that PostgreSQL itself names, in the parameter's unit. */
const MOST: Record<string, number> = {
  // Linux takes no more, and the server goes on with what it had.
  tcp_keepalives_count: 127,
  tcp_keepalives_idle: 32_767,
  tcp_keepalives_interval: 32_767,
  // The container's stack is 8 MB; a server that is told more does not start.
  max_stack_depth: 7_680,
  // With their processes counted, a server that is told more does not start.
  max_logical_replication_workers: 1_000,
  max_replication_slots: 1_000,
  max_wal_senders: 1_000,
  // Shared memory that sizing does not count: with much more of it a server does not start.
  max_pred_locks_per_transaction: 1_000,
  min_dynamic_shared_memory: 1_024,
  // For so long a replica looks for no new primary.
  wal_retrieve_retry_interval: 60_000,
};

const VALUES: Record<string, string[]> = {
  // Patroni 4.1 takes none below these, because replicas and pg_rewind need it.
  wal_level: ["replica", "logical"],
  // With `on`, a server that finds none does not start.
  huge_pages: ["off", "try"],
};

/** Every parameter of the stack's PostgreSQL, those of the preloaded libraries included. */
export const CATALOGUE: ReadonlyMap<string, CatalogueEntry> = new Map(
  Object.entries(catalogue.parameters as unknown as Record<string, CatalogueRow>).map(([name, row]) => [
    name,
    entry(name, row),
  ]),
);

/** What the image has, of names that are values of parameters. */
export const IMAGE_NAMES = {
  ...catalogue.names,
  timeZones: Object.entries(catalogue.names.timeZones).flatMap(([area, zones]) =>
    zones.split(" ").map((zone) => (area === "" ? zone : `${area}/${zone}`)),
  ),
};

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
  const owner = ownerOf(name);
  const values = VALUES[name] ?? row.values;
  return {
    name,
    ...row,
    ...(values !== undefined && { values }),
    ...(row.min !== undefined && { min: LEAST[name] ?? row.min }),
    ...(row.max !== undefined && { max: MOST[name] ?? row.max }),
    cost: costOf(name, context),
    ...(owner !== undefined && { owner }),
  };
}

function costOf(name: string, context: string): ChangeCost {
  if (context !== "postmaster") return "reload";
  return STANDBY_NEEDS_AS_MUCH.has(name) ? "restart, the primary first when lowered" : "restart";
}

import { parameter } from "./catalogue.ts";
import { readNumber } from "./parameterUnits.ts";

export type Storage = "ssd" | "nvme" | "hdd";
export type Workload = "oltp" | "mixed" | "olap";

/** What one member of the cluster runs on, and for. */
export interface SizingHost {
  /** Memory of the member's container in MB. */
  memoryMb: number;
  cpus: number;
  storage: Storage;
  workload: Workload;
  maxConnections: number;
  /** PostgreSQL members of the cluster, the primary among them. */
  members: number;
}

/**
 * Sorts and hashes that one process may run at the same time, each with a `work_mem` of its own: a plan has no
 * bound for them, so this is what a statement of the workload is taken to have at most.
 */
export const MEMORY_NODES: Record<Workload, number> = { oltp: 2, mixed: 3, olap: 4 };

const KB_PER_MB = 1024;

/** In kB. What was measured, was on PostgreSQL 15.20 on x86-64. */
const COST = {
  /** A backend's own memory: 1.5 MB measured after login, 1.9 MB with the caches of 24 partitions. */
  process: 1_536,
  /** Checkpointer, writers, statistics, and Patroni's Python beside the server. */
  fixed: 64 * KB_PER_MB,
  /** One slot of the lock table, with its share of hash headers. */
  lock: 0.3,
  /** Buffer descriptors, their lock and hash entries, per kB of shared_buffers. */
  bufferUpkeep: 0.02,
  /** Page tables, per kB of shared memory that a process has touched: 8 bytes per page of 4 kB. */
  pageTable: 8 / 4096,
  /** Shared memory of one connection or worker slot: its process entry, status and statistics. */
  slot: 20,
  /** One entry of pg_stat_statements. */
  statement: 0.5,
} as const;

/** Maintenance at once: an index build of the deployment and one by hand. Parallel workers share one's memory. */
const MAINTENANCE_SESSIONS = 2;
/** Senders that run at once: one streams to each member, one may copy it anew. Further slots stay empty. */
const SENDERS_PER_MEMBER = 2;
/** Least that is left free, for the kernel's own needs within the container's limit. */
const HEADROOM = 0.02;

/** The worst case in MB, line by line. */
export interface MemoryDemand {
  shared: number;
  processes: number;
  maintenance: number;
  autovacuum: number;
  sorting: number;
  total: number;
}

/** What a member may use in the worst case, in MB. */
export function memoryBudget(host: SizingHost): number {
  return host.memoryMb * (1 - HEADROOM);
}

/**
 * The most memory, in MB, that a member takes when every connection is busy and every worker runs:
 *
 *     shared      shared_buffers (+ 2 %), wal_buffers, lock table, slots, pg_stat_statements
 *   + processes   fixed + (max_connections + max_worker_processes + autovacuum_max_workers + senders)
 *                 x (own memory + page tables of shared_buffers)
 *   + maintenance 2 x maintenance_work_mem
 *   + autovacuum  autovacuum_max_workers x autovacuum_work_mem (maintenance_work_mem where it is -1)
 *   + sorting     (max_connections + max_parallel_workers) x nodes x work_mem x hash_mem_multiplier
 *
 * Parallel workers are bounded by `max_parallel_workers` for the whole server, not per connection. Huge pages,
 * which would save the page tables, are not counted on. Temporary tables are not counted: no service has any.
 *
 * @param parameters as {@link sizeParameters} gives them, with or without an operator's own
 */
export function worstCaseMemory(
  parameters: Readonly<Record<string, string>>,
  host: SizingHost,
): MemoryDemand {
  const number = (name: string) => numberOf(name, parameters);
  const kb = (name: string) => kilobytes(name, parameters);

  const slots =
    number("max_connections") +
    number("max_worker_processes") +
    number("autovacuum_max_workers") +
    Math.min(number("max_wal_senders"), SENDERS_PER_MEMBER * host.members);
  const buffers = kb("shared_buffers");
  const lockSlots =
    number("max_locks_per_transaction") * (number("max_connections") + number("max_prepared_transactions"));
  const shared =
    buffers * (1 + COST.bufferUpkeep) +
    kb("wal_buffers") +
    lockSlots * COST.lock +
    slots * COST.slot +
    number("pg_stat_statements.max") * COST.statement;
  const processes = COST.fixed + slots * (COST.process + buffers * COST.pageTable);

  const autovacuumMemory = number("autovacuum_work_mem") < 0 ? "maintenance_work_mem" : "autovacuum_work_mem";
  const autovacuum = number("autovacuum_max_workers") * kb(autovacuumMemory);
  const maintenance = MAINTENANCE_SESSIONS * kb("maintenance_work_mem");
  const sorting = sortingProcesses(parameters, host) * kb("work_mem");

  const mb = (value: number) => value / KB_PER_MB;
  return {
    shared: mb(shared),
    processes: mb(processes),
    maintenance: mb(maintenance),
    autovacuum: mb(autovacuum),
    sorting: mb(sorting),
    total: mb(shared + processes + maintenance + autovacuum + sorting),
  };
}

/** How many times `work_mem` may be taken at once. */
export function sortingProcesses(parameters: Readonly<Record<string, string>>, host: SizingHost): number {
  const number = (name: string) => numberOf(name, parameters);
  const processes = number("max_connections") + number("max_parallel_workers");
  return processes * MEMORY_NODES[host.workload] * number("hash_mem_multiplier");
}

/** A parameter's value in its own unit; what is not given counts as 0, which only `work_mem` may be. */
function numberOf(name: string, parameters: Readonly<Record<string, string>>): number {
  const entry = parameter(name);
  const text = parameters[name];
  return entry === undefined || text === undefined ? 0 : (readNumber(text, entry) ?? 0);
}

function kilobytes(name: string, parameters: Readonly<Record<string, string>>): number {
  const perUnit: Record<string, number> = { "8kB": 8, kB: 1, MB: KB_PER_MB };
  return numberOf(name, parameters) * (perUnit[parameter(name)?.unit ?? "kB"] ?? 1);
}

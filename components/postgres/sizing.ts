import { limits } from "../stack/schemaParts.ts";
import { parameter } from "./catalogue.ts";
import { memoryBudget, type SizingHost, sortingProcesses, type Workload, worstCaseMemory } from "./memory.ts";
import { readValue } from "./parameterValues.ts";
import { computedParameters } from "./computedParameters.ts";

/** Thrown where the worst case does not fit into the memory. */
export class SizingError extends Error {
  override readonly name = "SizingError";
  /** Those of the operator's own parameters that take part in the worst case. */
  readonly parameters: readonly string[];
  /** Memory in MB that would do; undefined where the most that may be configured would not. */
  readonly neededMb: number | undefined;

  constructor(host: SizingHost, neededMb: number | undefined, parameters: readonly string[]) {
    const keys = ["postgres.maxConnections", ...parameters.map((name) => `postgres.parameters.${name}`)];
    super(
      `${host.maxConnections} connections do not fit into ${host.memoryMb} MB: the worst case needs ` +
        (neededMb === undefined
          ? `more than ${limits.memoryMb.most} MB, the most. Lower ${keys.join(", ")}.`
          : `${neededMb} MB. Raise postgres.memoryMb to ${neededMb}, or lower ${keys.join(", ")}.`),
    );
    this.parameters = parameters;
    this.neededMb = neededMb;
  }
}

/** The least that PostgreSQL takes for `work_mem`. In kB. */
const LEAST_WORK_MEM = 64;
/** Above these, memory is better left to the cache of the file system. In kB. */
const MOST_WORK_MEM: Record<Workload, number> = { oltp: 65_536, mixed: 262_144, olap: 1_048_576 };
/** Parameters of an operator that take part in the worst case. */
const MEMORY_PARAMETERS = [
  "shared_buffers",
  "wal_buffers",
  "work_mem",
  "hash_mem_multiplier",
  "maintenance_work_mem",
  "autovacuum_work_mem",
  "autovacuum_max_workers",
  "max_connections",
  "max_parallel_workers",
  "max_worker_processes",
  "max_locks_per_transaction",
  "max_prepared_transactions",
];

/**
 * The parameters of one member, sized by its host, as PostgreSQL shows them.
 *
 * The requirements' rules hold: 25 % of the memory for `shared_buffers`, 75 % for `effective_cache_size`, 32 MB of
 * `wal_buffers` where the memory allows it. `work_mem` is what the worst case leaves of the memory
 * ({@link worstCaseMemory}), divided by the number of times it may be taken at once.
 *
 * @param own an operator's own parameters, already validated: they win, and the rest is sized around them. With
 *   a `work_mem` of their own the worst case is theirs to answer for, and only what is sure to be taken is checked.
 * @throws SizingError where not even the least `work_mem` fits
 */
export function sizeParameters(
  host: SizingHost,
  own: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const sized = { ...shown({ ...memoryParameters(host), ...computedParameters(host) }), ...own };
  const left = (memoryBudget(host) - worstCaseMemory({ ...sized, work_mem: "0" }, host).total) * 1024;
  const share = left / sortingProcesses(sized, host);
  if (share < LEAST_WORK_MEM) throw new SizingError(host, neededMemory(host, own), decidingParameters(own));
  if ("work_mem" in own) return sorted(sized);

  // Rounded down to a step that reads well and does not change with every connection.
  const step = share >= 4096 ? 1024 : LEAST_WORK_MEM;
  const workMem = Math.min(Math.floor(share / step) * step, MOST_WORK_MEM[host.workload]);
  return sorted({ ...sized, ...shown({ work_mem: `${workMem}kB` }) });
}

/**
 * Whether an operator's own `work_mem` makes the worst case larger than the memory: worth a warning, in words.
 *
 * @param others the operator's other parameters
 */
export function overcommitWarning(
  workMem: string,
  host: SizingHost,
  others: Readonly<Record<string, string>> = {},
): string | undefined {
  const sized = sizeParameters(host, others);
  const { total } = worstCaseMemory({ ...sized, work_mem: workMem }, host);
  if (total <= host.memoryMb) return undefined;
  return (
    `With work_mem ${workMem} a member may need ${Math.ceil(total)} MB in the worst case, and has ` +
    `${host.memoryMb} MB. Sizing would choose ${sized["work_mem"]}.`
  );
}

function memoryParameters({ memoryMb, workload }: SizingHost): Record<string, string> {
  const mb = (value: number) => `${Math.floor(value)}MB`;
  const within = (least: number, value: number, most: number) => Math.min(Math.max(value, least), most);
  const mostWal = workload === "olap" ? 32_768 : 16_384;
  const wal = within(1_024, memoryMb, mostWal);
  return {
    shared_buffers: mb(memoryMb / 4),
    effective_cache_size: mb((memoryMb * 3) / 4),
    // A vacuum of PostgreSQL 15 uses no more than 1 GB, and index builds gain nothing from more.
    maintenance_work_mem: mb(within(16, memoryMb / 32, 1_024)),
    autovacuum_work_mem: mb(within(8, memoryMb / 128, 512)),
    wal_buffers: memoryMb >= 2_048 ? "32MB" : "16MB",
    hash_mem_multiplier: workload === "oltp" ? "1" : "2",
    max_wal_size: mb(wal),
    min_wal_size: mb(wal / 4),
    // Kept for replicas that were away and for pg_rewind, and bounded, so that a lost replica cannot fill the disk.
    wal_keep_size: mb(wal / 4),
    max_slot_wal_keep_size: mb(wal * 8),
    "pg_stat_statements.max": memoryMb >= 4_096 ? "10000" : "5000",
  };
}

/** Whether the worst case fits with the least `work_mem`. */
export function fits(host: SizingHost, own: Readonly<Record<string, string>>): boolean {
  const sized = { ...shown({ ...memoryParameters(host), ...computedParameters(host) }), ...own };
  return worstCaseMemory({ ...sized, work_mem: `${LEAST_WORK_MEM}kB` }, host).total <= memoryBudget(host);
}

/**
 * The memory that would do; undefined where the most that may be configured would not. The worst case grows ever slower
 * with the memory: what does not fit there fits nowhere below.
 */
function neededMemory(host: SizingHost, own: Readonly<Record<string, string>>): number | undefined {
  const { most } = limits.memoryMb;
  if (!fits({ ...host, memoryMb: most }, own)) return undefined;
  let memoryMb = host.memoryMb;
  while (!fits({ ...host, memoryMb }, own)) memoryMb = Math.min(Math.ceil((memoryMb * 1.05) / 64) * 64, most);
  return memoryMb;
}

function decidingParameters(own: Readonly<Record<string, string>>): string[] {
  return MEMORY_PARAMETERS.filter((name) => name in own);
}

/** Values as PostgreSQL shows them: `1024MB` is `1GB`. */
function shown(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const entry = parameter(name);
      const reading = entry && readValue(entry, value);
      if (reading === undefined || !("value" in reading)) {
        throw new Error(`Sizing gave ${name} the value ${value}, which PostgreSQL does not take.`);
      }
      return [name, reading.value];
    }),
  );
}

function sorted(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1)));
}

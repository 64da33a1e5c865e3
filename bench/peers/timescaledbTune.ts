import type { Parameters, PeerHost } from "./peerHost.ts";

const KB = 1024;
const MB = 1024 * KB;
const GB = 1024 * MB;

/** What the tool counts beside parallel workers: its background workers, and three of the server's own. */
const OTHER_WORKERS = 16 + 3;
const LEAST_WORK_MEM = 64 * KB;
const MOST_MAINTENANCE = 2_047 * MB;

/**
 * What timescaledb-tune gives a Linux host with PostgreSQL 15, in its default profile, told the number of
 * connections (`--max-conns`) and not the size of a disk for WAL.
 *
 * From `pkg/pgtune/*.go` of github.com/timescale/timescaledb-tune: main as of 2024-11, the last rules added being
 * `jit` and `default_toast_compression` (pull request 138). Left out is what needs the extension itself:
 * `shared_preload_libraries` and `timescaledb.*`.
 */
export function timescaledbTune(host: PeerHost): Parameters {
  const memory = host.memoryMb * MB;
  const gigabytes = memory / GB;
  const perConnection = ((6.4 * 20 * MB) / host.maxConnections) * gigabytes;
  return {
    shared_buffers: shown(memory / 4),
    effective_cache_size: shown((memory * 3) / 4),
    maintenance_work_mem: shown(Math.min(gigabytes * 128 * MB, MOST_MAINTENANCE)),
    work_mem: shown(Math.max(perConnection / Math.max(Math.round(host.cpus / 2), 1), LEAST_WORK_MEM)),
    ...parallel(host.cpus),
    wal_buffers: shown(memory < 2 * GB ? gigabytes * 7_864 * KB : 16 * MB),
    min_wal_size: shown(GB / 2),
    max_wal_size: shown(GB),
    default_statistics_target: "100",
    random_page_cost: "1.1",
    checkpoint_completion_target: "0.9",
    max_connections: String(host.maxConnections),
    max_locks_per_transaction: locks(gigabytes),
    autovacuum_max_workers: "10",
    autovacuum_naptime: "10s",
    effective_io_concurrency: "256",
    default_toast_compression: "lz4",
    jit: "off",
  };
}

/** With a single core the tool says nothing about workers. */
function parallel(cpus: number): Parameters {
  if (cpus < 2) return {};
  return {
    max_worker_processes: String(cpus + OTHER_WORKERS),
    max_parallel_workers_per_gather: String(Math.round(cpus / 2)),
    max_parallel_workers: String(cpus),
  };
}

function locks(gigabytes: number): string {
  if (gigabytes >= 32) return "1024";
  if (gigabytes >= 16) return "512";
  return gigabytes >= 8 ? "256" : "128";
}

/** The largest unit that fits, or the next smaller one where that leaves a rest; a rest below it is dropped. */
function shown(bytes: number): string {
  const units: [string, number][] = [
    ["GB", GB],
    ["MB", MB],
    ["kB", KB],
  ];
  const at = units.findIndex(([, size]) => bytes >= size);
  const [unit, size] = units[at]!;
  if (bytes % size === 0 || unit === "kB") return `${Math.floor(bytes / size)}${unit}`;
  const [smaller, smallerSize] = units[at + 1]!;
  return `${Math.floor(bytes / smallerSize)}${smaller}`;
}

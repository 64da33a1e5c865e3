import type { Parameters, PeerHost } from "./peerHost.ts";

export type PgtuneKind = "oltp" | "mixed";

/** In MB. */
const WAL: Record<PgtuneKind, { min: number; max: number }> = {
  oltp: { min: 2_048, max: 8_192 },
  mixed: { min: 1_024, max: 4_096 },
};
const MOST_WAL_BUFFERS = 16_384;
const NEARLY_MOST_WAL_BUFFERS = 14_336;
const LEAST_WORK_MEM = 4_096;

/**
 * What PGTune (pgtune.leopard.in.ua) gives a Linux host with PostgreSQL 15.
 *
 * From `src/features/configuration/configurationSlice.js` of github.com/le0pard/pgtune as of 2026 (the version with
 * `wal_compression` and the size of the database, of which the default "about the memory" is taken). Up to three
 * cores it leaves workers alone. `huge_pages` is kept, although containers get none.
 */
export function pgtune(kind: PgtuneKind, host: PeerHost): Parameters {
  const memory = host.memoryMb * 1024;
  const buffers = Math.floor(memory / 4);
  const most = { hdd: 2, ssd: 200, nvme: 1_000 };
  const maintenance = Math.min(Math.floor(memory / 16), 8 * 1024 * 1024);
  const autovacuumWorkers = host.cpus >= 32 ? 5 : host.cpus >= 16 ? 4 : undefined;
  return {
    max_connections: String(host.maxConnections),
    shared_buffers: kb(buffers),
    effective_cache_size: kb(Math.floor((memory * 3) / 4)),
    maintenance_work_mem: kb(maintenance),
    ...(maintenance >= 2 * 1024 * 1024 && { autovacuum_work_mem: kb(2 * 1024 * 1024) }),
    ...(autovacuumWorkers && { autovacuum_max_workers: String(autovacuumWorkers) }),
    checkpoint_completion_target: "0.9",
    wal_buffers: kb(walBuffers(buffers)),
    default_statistics_target: "100",
    random_page_cost: host.storage === "hdd" ? "4" : "1.1",
    effective_io_concurrency: String(most[host.storage]),
    work_mem: kb(workMem(kind, host, memory - buffers)),
    huge_pages: buffers >= 2 * 1024 * 1024 ? "try" : "off",
    min_wal_size: `${WAL[kind].min}MB`,
    max_wal_size: `${WAL[kind].max}MB`,
    wal_compression: "lz4",
    jit: "off",
    ...workers(host),
  };
}

/** The server's own 3 % of the buffers, but never just below the 16 MB that are the most. In kB. */
function walBuffers(buffers: number): number {
  const share = Math.min(Math.floor((3 * buffers) / 100), MOST_WAL_BUFFERS);
  return share > NEARLY_MOST_WAL_BUFFERS ? MOST_WAL_BUFFERS : Math.max(share, 32);
}

/** What the buffers leave, for three sorts of each connection and worker. In kB. */
function workMem(kind: PgtuneKind, host: PeerHost, left: number): number {
  const processes = host.cpus < 4 ? 8 : host.cpus;
  const share = left / ((host.maxConnections + processes) * 3);
  return Math.max(Math.floor(kind === "mixed" ? share / 2 : share), LEAST_WORK_MEM);
}

function workers({ cpus }: PeerHost): Parameters {
  if (cpus < 4) return {};
  const half = String(Math.min(Math.ceil(cpus / 2), 4));
  return {
    max_worker_processes: String(cpus),
    max_parallel_workers: String(cpus),
    max_parallel_workers_per_gather: half,
    max_parallel_maintenance_workers: half,
  };
}

function kb(value: number): string {
  return `${value}kB`;
}

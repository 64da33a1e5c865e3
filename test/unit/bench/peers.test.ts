import { describe, expect, it } from "vitest";
import { PEERS, type PeerHost } from "../../../bench/peers/index.ts";
import { pgtune } from "../../../bench/peers/pgtune.ts";
import { pigsty } from "../../../bench/peers/pigsty.ts";
import { timescaledbTune } from "../../../bench/peers/timescaledbTune.ts";
import { parameter } from "../../../components/postgres/catalogue.ts";
import { readValue } from "../../../components/postgres/parameterValues.ts";

const host: PeerHost = {
  memoryMb: 4_096,
  cpus: 2,
  storage: "ssd",
  maxConnections: 200,
  diskBytes: 252 * 1024 ** 3,
};
const gigabytes = (count: number) => count * 1024;

describe("pgtune", () => {
  // The project's own tests: src/features/configuration/__tests__/configurationSlice.test.js.
  it.each([
    [16, "1048576kB"],
    [256, "8388608kB"],
  ])("gives %d GB its maintenance_work_mem", (memory, expected) => {
    expect(pgtune("oltp", { ...host, memoryMb: gigabytes(memory) })["maintenance_work_mem"]).toBe(expected);
  });

  it("caps each autovacuum worker at 2 GB, and says nothing where maintenance_work_mem is small", () => {
    expect(pgtune("oltp", { ...host, memoryMb: gigabytes(256) })["autovacuum_work_mem"]).toBe("2097152kB");
    expect(pgtune("oltp", host)["autovacuum_work_mem"]).toBeUndefined();
  });

  it("leaves 4 MB of work_mem to ten thousand connections", () => {
    expect(pgtune("oltp", { ...host, cpus: 4, maxConnections: 9_999 })["work_mem"]).toBe("4096kB");
  });

  it("gives each kind of disk its concurrency, and 12 cores 4 workers per query", () => {
    expect(pgtune("oltp", { ...host, storage: "hdd" })).toMatchObject({
      random_page_cost: "4",
      effective_io_concurrency: "2",
    });
    expect(pgtune("oltp", { ...host, storage: "nvme", cpus: 12 })).toMatchObject({
      effective_io_concurrency: "1000",
      max_worker_processes: "12",
      max_parallel_workers_per_gather: "4",
      max_parallel_workers: "12",
      max_parallel_maintenance_workers: "4",
    });
  });

  it("tries huge pages from 2 GB of buffers on, and more autovacuum workers from 16 cores on", () => {
    expect(pgtune("mixed", host)["huge_pages"]).toBe("off");
    expect(pgtune("mixed", { ...host, memoryMb: gigabytes(16) })["huge_pages"]).toBe("try");
    const workers = (cpus: number) => pgtune("oltp", { ...host, cpus })["autovacuum_max_workers"];
    expect([8, 16, 32].map(workers)).toEqual([undefined, "4", "5"]);
  });

  it("halves the sorts of a mixed load, and its WAL", () => {
    const large = { ...host, memoryMb: gigabytes(64) };
    expect(pgtune("oltp", large)).toMatchObject({ work_mem: "80659kB", max_wal_size: "8192MB" });
    expect(pgtune("mixed", large)).toMatchObject({ work_mem: "40329kB", max_wal_size: "4096MB" });
  });
});

describe("timescaledb-tune", () => {
  // The project's own tests: pkg/pgtune/{memory,wal,misc,parallel}_test.go; 20 connections is their base.
  it.each([
    [10, 1, 20, { shared_buffers: "2560MB", effective_cache_size: "7680MB", work_mem: "64MB" }],
    [12, 1, 20, { shared_buffers: "3GB", maintenance_work_mem: "1536MB", work_mem: "78643kB" }],
    [32, 1, 20, { effective_cache_size: "24GB", maintenance_work_mem: "2047MB", work_mem: "209715kB" }],
    [10, 9_000, 50, { work_mem: "64kB" }],
    [1, 2, 100, { wal_buffers: "7864kB", max_parallel_workers: "2", max_parallel_workers_per_gather: "1" }],
    [1.5, 5, 100, { wal_buffers: "11796kB", max_parallel_workers_per_gather: "3" }],
    [2, 4, 100, { wal_buffers: "16MB", max_worker_processes: "23" }],
  ])("gives %d GB, %d cores and %d connections what it should", (memory, cpus, maxConnections, expected) => {
    const peer = { ...host, memoryMb: gigabytes(memory), cpus, maxConnections };
    expect(timescaledbTune(peer)).toMatchObject(expected);
  });

  // What the program printed on two machines, found in public notes of its users (versions of PostgreSQL differ).
  it("gives 7.64 GB and 2 cores, and 1.95 GB and 1 core, what it printed there", () => {
    expect(
      timescaledbTune({ ...host, memoryMb: 8_009_688 / 1024, cpus: 2, maxConnections: 100 }),
    ).toMatchObject({
      shared_buffers: "1955MB",
      effective_cache_size: "5866MB",
      maintenance_work_mem: "1001211kB",
      work_mem: "10012kB",
      wal_buffers: "16MB",
      min_wal_size: "512MB",
    });
    expect(
      timescaledbTune({ ...host, memoryMb: 2_042_368 / 1024, cpus: 1, maxConnections: 20 }),
    ).toMatchObject({
      shared_buffers: "510592kB",
      effective_cache_size: "1495MB",
      maintenance_work_mem: "255296kB",
      work_mem: "12764kB",
      wal_buffers: "15317kB",
    });
  });

  it("doubles the locks with the memory, and leaves workers alone on one core", () => {
    const locks = (memory: number) =>
      timescaledbTune({ ...host, memoryMb: gigabytes(memory) })["max_locks_per_transaction"];
    expect([7, 8, 15, 16, 24, 32, 80].map(locks)).toEqual([
      "128",
      "256",
      "256",
      "512",
      "512",
      "1024",
      "1024",
    ]);
    expect(timescaledbTune({ ...host, cpus: 1 })["max_worker_processes"]).toBeUndefined();
  });
});

describe("Pigsty's oltp", () => {
  it("goes by memory, cores and disk", () => {
    expect(pigsty(host)).toMatchObject({
      shared_buffers: "1024MB",
      effective_cache_size: "3072MB",
      maintenance_work_mem: "256MB",
      work_mem: "64MB",
      max_worker_processes: "24",
      max_parallel_workers_per_gather: "2",
      min_wal_size: "13GB",
      max_wal_size: "52GB",
      max_locks_per_transaction: "200",
    });
  });

  it("bounds work_mem at both ends, and WAL by 2 TB of disk", () => {
    const large = pigsty({ ...host, memoryMb: gigabytes(1_024), maxConnections: 20, diskBytes: 2 ** 50 });
    expect(large).toMatchObject({ work_mem: "1024MB", max_wal_size: "400GB" });
    expect(pigsty({ ...host, diskBytes: 2 ** 30 })).toMatchObject({ min_wal_size: "1GB" });
  });
});

describe("every peer", () => {
  it.each(Object.keys(PEERS))("%s gives names and values that PostgreSQL 15 takes", (name) => {
    // The catalogue wants the stack's own libraries; a peer names fewer.
    const { shared_preload_libraries: libraries, ...others } = PEERS[name]!(host);
    for (const [name, value] of Object.entries(others))
      expect(readValue(parameter(name)!, value), name).toHaveProperty("value");
    expect([undefined, "pg_stat_statements,auto_explain"]).toContain(libraries);
  });
});

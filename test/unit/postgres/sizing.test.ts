import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parameter } from "../../../components/postgres/catalogue.ts";
import { validateParameters } from "../../../components/postgres/parameterFaults.ts";
import { readValue } from "../../../components/postgres/parameterValues.ts";
import { readNumber } from "../../../components/postgres/parameterUnits.ts";
import { type SizingHost, worstCaseMemory } from "../../../components/postgres/memory.ts";
import { sizeParameters, SizingError } from "../../../components/postgres/sizing.ts";
import { sizingHosts } from "../../support/sizingHosts.ts";

const dev: SizingHost = {
  memoryMb: 1_024,
  cpus: 2,
  storage: "ssd",
  workload: "oltp",
  maxConnections: 200,
  members: 2,
};
const large: SizingHost = { ...dev, memoryMb: 128_000, cpus: 32, members: 3 };

/** The sized parameters, or undefined where the host is refused. */
function sized(host: SizingHost, own?: Record<string, string>): Record<string, string> | undefined {
  try {
    return sizeParameters(host, own);
  } catch (error) {
    if (error instanceof SizingError) return undefined;
    throw error;
  }
}

function number(parameters: Record<string, string>, name: string): number {
  return readNumber(parameters[name]!, parameter(name)!)!;
}

describe("for any host", () => {
  test("the worst case fits into the memory, or the host is refused", () => {
    fc.assert(
      fc.property(sizingHosts, (host) => {
        const parameters = sized(host);
        if (parameters !== undefined) {
          expect(worstCaseMemory(parameters, host).total).toBeLessThanOrEqual(host.memoryMb);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("every value is one that the catalogue takes, already as PostgreSQL shows it", () => {
    fc.assert(
      fc.property(sizingHosts, (host) => {
        const parameters = sized(host);
        if (parameters === undefined) return;
        for (const [name, value] of Object.entries(parameters))
          expect(readValue(parameter(name)!, value), name).toEqual({ value });
      }),
      { numRuns: 300 },
    );
  });

  test("a refusal names an amount of memory that does", () => {
    fc.assert(
      fc.property(sizingHosts, (host) => {
        try {
          sizeParameters(host);
        } catch (error) {
          expect(error).toBeInstanceOf(SizingError);
          const { neededMb } = error as SizingError;
          expect(neededMb).toBeGreaterThan(host.memoryMb);
          expect(sized({ ...host, memoryMb: neededMb! })).toBeDefined();
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("4 GiB are enough for 200 connections, and every larger memory is", () => {
    fc.assert(
      fc.property(sizingHosts, fc.integer({ min: 4_096, max: 1_048_576 }), (host, memoryMb) => {
        const cpus = Math.min(host.cpus, 16);
        expect(
          sized({ ...host, cpus, memoryMb, maxConnections: Math.min(host.maxConnections, 200) }),
        ).toBeDefined();
      }),
    );
  });

  test("an operator's own values win, and the rest is sized around them", () => {
    fc.assert(
      fc.property(sizingHosts, fc.integer({ min: 10, max: 60 }), (host, percent) => {
        const own = validateParameters({
          shared_buffers: `${Math.floor((host.memoryMb * percent) / 100)}MB`,
        }).values;
        const parameters = sized(host, own);
        if (parameters === undefined) return;
        expect(parameters).toMatchObject(own);
        expect(worstCaseMemory(parameters, host).total).toBeLessThanOrEqual(host.memoryMb);
      }),
    );
  });
});

describe("the rules of the requirements", () => {
  test("a quarter of the memory for shared_buffers, three quarters for effective_cache_size, 32 MB of wal_buffers", () => {
    expect(sizeParameters(large)).toMatchObject({
      shared_buffers: "32000MB",
      effective_cache_size: "96000MB",
      wal_buffers: "32MB",
      wal_level: "replica",
      max_connections: "200",
      random_page_cost: "1.1",
      shared_preload_libraries: "pg_stat_statements,auto_explain,pg_cron,pgaudit",
      "auto_explain.log_min_duration": "200ms",
      track_io_timing: "on",
      password_encryption: "scram-sha-256",
    });
  });

  test("the dev stack's 1 GiB carries its 200 connections", () => {
    expect(sizeParameters(dev)).toMatchObject({ shared_buffers: "256MB", effective_cache_size: "768MB" });
    expect(number(sizeParameters(dev), "work_mem")).toBeGreaterThanOrEqual(64);
  });
});

test("the worst case is the sum of its lines", () => {
  const { total, ...lines } = worstCaseMemory(sizeParameters(large), large);
  expect(Object.values(lines).reduce((sum, line) => sum + line, 0)).toBeCloseTo(total);
  // 25 %, 2 % of upkeep, and what the small parts take.
  expect(lines.shared).toBeGreaterThan(32_000 * 1.02);
  expect(lines.sorting).toBe(((200 + 32) * 2 * number(sizeParameters(large), "work_mem")) / 1_024);
});

test("spinning disks get other costs than solid ones", () => {
  const costs = (storage: SizingHost["storage"]) => {
    const parameters = sizeParameters({ ...large, storage });
    return [parameters["random_page_cost"], parameters["effective_io_concurrency"]];
  };
  expect(costs("hdd")).toEqual(["4", "2"]);
  expect(costs("ssd")).toEqual(["1.1", "200"]);
});

test("more connections leave each less work_mem", () => {
  const workMem = (maxConnections: number) =>
    number(sizeParameters({ ...large, maxConnections }), "work_mem");
  expect(workMem(600)).toBeLessThan(workMem(200));
});

test("an operator's own work_mem is taken, although its worst case may not fit", () => {
  expect(sizeParameters(dev, { work_mem: "8MB" })["work_mem"]).toBe("8MB");
});

test("Patroni takes no fewer than 25 connections", () => {
  expect(sizeParameters({ ...dev, maxConnections: 20 })["max_connections"]).toBe("25");
});

test("a refusal says what is needed, and what else would do", () => {
  const refused = () => sizeParameters({ ...dev, maxConnections: 1_000 }, { shared_buffers: "900MB" });
  expect(refused).toThrow(SizingError);
  expect(refused).toThrow(/1000 connections do not fit into 1024 MB: the worst case needs \d+ MB/);
  expect(refused).toThrow(
    /Raise postgres\.memoryMb to \d+, or lower postgres\.maxConnections, postgres\.parameters\.shared_buffers\./,
  );
});

test("an index build leaves half the cores to the services, its leader counted", () => {
  const workers = (cpus: number) => sizeParameters({ ...large, cpus })["max_parallel_maintenance_workers"];
  expect([1, 2, 3, 4, 8, 10, 64].map(workers)).toEqual(["0", "0", "0", "1", "3", "4", "4"]);
});

test("pages in the WAL and values out of line are compressed by lz4, whatever the host", () => {
  fc.assert(
    fc.property(sizingHosts, (host) => {
      const parameters = sized(host);
      if (parameters === undefined) return;
      expect(parameters).toMatchObject({ wal_compression: "lz4", default_toast_compression: "lz4" });
    }),
    { numRuns: 100 },
  );
});

test("adding a member is no restart", () => {
  expect(sizeParameters({ ...large, members: 7 })).toMatchObject({
    max_wal_senders: sizeParameters(large)["max_wal_senders"],
    max_replication_slots: sizeParameters(large)["max_replication_slots"],
  });
});

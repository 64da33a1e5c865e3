import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusals } from "../../../components/redis/clusterState.provider.ts";
import {
  asWritten,
  bytesOf,
  containerMemoryMb,
  liveSettings,
} from "../../../components/redis/liveSettings.ts";
import { IN_ORDER } from "../../../components/redis/topology.ts";

const inputs = (part: { masters?: number; replicasPerMaster?: number; maxMemoryMb?: number } = {}) => ({
  nodes: { "redis-1": "127.0.0.1:6379" },
  masters: part.masters ?? 3,
  replicasPerMaster: part.replicasPerMaster ?? 1,
  settings: liveSettings({ maxMemoryMb: part.maxMemoryMb ?? 64, maxClients: 100 }),
  admin: { passwords: ["secret"], authority: "PEM" },
  users: "",
  shell: { docker: "unix:///var/run/docker.sock", container: "acgs-unit-redis-1" },
  condition: IN_ORDER,
});

describe("before anything is changed", () => {
  it("a new cluster and an unchanged one pass", () => {
    expect(refusals({}, inputs())).toEqual([]);
    expect(refusals(inputs(), inputs())).toEqual([]);
    expect(refusals(inputs(), inputs({ replicasPerMaster: 2, maxMemoryMb: 4096 }))).toEqual([]);
  });

  it("memory may be halved at most, and the least that passes is named", () => {
    expect(refusals(inputs({ maxMemoryMb: 65 }), inputs({ maxMemoryMb: 33 }))).toEqual([]);
    const [failure] = refusals(inputs({ maxMemoryMb: 65 }), inputs({ maxMemoryMb: 32 }));
    expect(failure!.reason).toContain("maxmemory would go from 65mb to 32mb.");
    expect(failure!.reason).toContain("Set acgs-db:redis.maxMemoryMb to 33 or more");
  });

  it("what a refresh found on nodes that differ stops nothing", () => {
    const found = { ...inputs(), settings: { maxmemory: "redis-1: 640mb; redis-2: not reached" } };
    expect(refusals(found, inputs())).toEqual([]);
  });
});

describe("memory", () => {
  it("is written as it is read", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 20 }), (mb) => {
        expect(asWritten("maxmemory", String(bytesOf(`${mb}mb`)))).toBe(`${mb}mb`);
      }),
    );
    expect(asWritten("maxmemory", "100")).toBe("100b");
    expect(bytesOf("2gb")).toBe(2 ** 31);
    expect(() => bytesOf("lots")).toThrow('"lots" is no amount of memory for Redis');
  });

  it("of the container holds the data twice, also right after it was halved", () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 2 ** 20 }), (mb) => {
        expect(containerMemoryMb(mb)).toBeGreaterThanOrEqual(2 * mb);
        expect(containerMemoryMb(Math.ceil(mb / 2))).toBeGreaterThanOrEqual(mb + 64);
      }),
    );
  });
});

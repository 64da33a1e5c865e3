import fc from "fast-check";
import { expect, it } from "vitest";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import { publishedPorts } from "../../../components/stack/ports.ts";
import { faultsOf } from "./support.ts";

it("counts every port that the stack publishes", () => {
  const spans = publishedPorts(
    parseConfiguration({ postgres: { members: 3 }, pgbouncer: { instances: 2 } }, "x"),
  );
  expect(spans.map(({ key, first, last }) => [key, first, last])).toEqual([
    ["pgbouncer", 6432, 6433],
    ["postgres", 5432, 5435],
    ["patroni", 8008, 8010],
    ["redis", 6379, 6384],
  ]);
});

it("refuses two parts on one port", () => {
  expect(faultsOf({ ports: { patroni: 5434 } })).toEqual([
    {
      key: "acgs-db:ports.patroni",
      value: "5434, so that Patroni takes 5434 to 5435",
      allowed: "ports outside 5432 to 5434, which PostgreSQL takes",
      remedy: "pulumi config set --path acgs-db:ports.patroni 5435",
    },
  ]);
});

it("refuses ports that run past the last one", () => {
  expect(faultsOf({ ports: { postgres: 65534, redis: 55534 } })).toEqual([
    {
      key: "acgs-db:ports.postgres",
      value: "65534",
      allowed: "at most 65533: PostgreSQL takes 3 ports from there",
      remedy: "pulumi config set --path acgs-db:ports.postgres 65533",
    },
    {
      key: "acgs-db:ports.redis",
      value: "55534",
      allowed: "at most 55530: Redis takes 6 ports from there (its cluster bus takes 10000 more)",
      remedy: "pulumi config set --path acgs-db:ports.redis 55530",
    },
  ]);
});

it("accepts exactly the configurations in which each port is one part's own", () => {
  const port = fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 5000, max: 5040 }));
  const ports = fc.record({ pgbouncer: port, postgres: port, patroni: port, redis: port });
  const small = fc.integer({ min: 1, max: 7 });
  fc.assert(
    fc.property(ports, small, fc.integer({ min: 1, max: 2 }), (given, members, instances) => {
      const all = [
        ...Array.from({ length: instances }, (_, i) => given.pgbouncer + i),
        ...Array.from({ length: 1 + members }, (_, i) => given.postgres + i),
        ...Array.from({ length: members }, (_, i) => given.patroni + i),
        ...Array.from({ length: 6 }, (_, i) => given.redis + i),
      ];
      const sound = new Set(all).size === all.length && Math.max(...all, given.redis + 10_005) <= 65_535;
      const raw = { ports: given, postgres: { members }, pgbouncer: { instances } };
      expect(faultsOf(raw).length === 0).toBe(sound);
    }),
    { numRuns: 500 },
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLIENT_LOGINS } from "../../../lib/names.ts";
import { poolsOf } from "../../../components/pgbouncer/pgbouncer.ts";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import { connectionDemand, reservedConnections, shareOf } from "../../../components/stack/connections.ts";
import { poolDefaults } from "../../../components/stack/defaults.ts";
import { faultsOf } from "./support.ts";

function demandOf(raw: unknown): number {
  return connectionDemand(parseConfiguration(raw, "dev")).reduce((sum, line) => sum + line.connections, 0);
}

it("knows a pool for every login that gets one", () => {
  expect(Object.keys(poolDefaults).sort()).toEqual([...CLIENT_LOGINS].sort());
});

describe("the requirements' pools", () => {
  it("fit 200 connections with one PgBouncer and with two", () => {
    // 100 in sizes, 22 in reserves, 11 logins × 3 readers, 27 kept free.
    expect(demandOf({})).toBe(182);
    // Rounded up for each of two: 102, 22, 11 × 4, 29.
    expect(demandOf({ pgbouncer: { instances: 2 } })).toBe(197);
  });

  it("do not fit where there are fewer, and the fault shows the sum line by line", () => {
    expect(faultsOf({ postgres: { maxConnections: 150 } })).toEqual([
      {
        key: "acgs-db:postgres.maxConnections",
        value: "150",
        allowed: `at least 182, or smaller pools:
   19  auth_service: (15 + 4 in reserve)
   14  ac_service: (12 + 2 in reserve)
   12  integrity_service: (10 + 2 in reserve)
   10  fv_service: (8 + 2 in reserve)
   14  gs_service: (12 + 2 in reserve)
   19  pgc_service: (15 + 4 in reserve)
   10  ec_service: (8 + 2 in reserve)
   12  dgm_service: (10 + 2 in reserve)
   12  acgs_user: (10 + 2 in reserve)
   33  acgs_db_ro: 11 logins × (3 + 0 in reserve)
    3  superuser (superuser_reserved_connections)
    4  Patroni, its REST API and pg_rewind
    3  monitoring
   10  deployment: roles, grants and SQL
    5  scheduled jobs (pg_cron)
    2  PgBouncer's auth_query: 1 × 2
  182  sum`,
        remedy:
          "pulumi config set --path acgs-db:postgres.maxConnections 182\n" +
          "or lower sizes and reserves under acgs-db:pgbouncer",
      },
    ]);
  });

  it("show what rounding costs with several PgBouncers", () => {
    const [fault] = faultsOf({ pgbouncer: { instances: 4 } });
    expect(fault?.allowed).toContain("   20  auth_service: 4 PgBouncers × (4 + 1 in reserve)\n");
    expect(fault?.allowed).toContain("   44  acgs_db_ro: 11 logins × 4 PgBouncers × (1 + 0 in reserve)\n");
    expect(fault?.allowed).toContain("    8  PgBouncer's auth_query: 4 × 2\n");
  });
});

it("shares out at least what there is, and less than one more for each", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.integer({ min: 1, max: 8 }), (connections, instances) => {
      const all = shareOf(connections, instances) * instances;
      expect(all).toBeGreaterThanOrEqual(connections);
      expect(all).toBeLessThan(connections + instances);
    }),
  );
});

it("promises what PgBouncer is really given: no accepted configuration opens more than max_connections", () => {
  const number = (max: number) => fc.integer({ min: 0, max });
  const pool = fc.record({
    size: number(40).map((n) => n + 1),
    reserve: number(6),
    maxClients: fc.constant(400),
  });
  const pgbouncer = fc.record({
    instances: fc.integer({ min: 1, max: 8 }),
    reader: pool,
    pools: fc.dictionary(fc.constantFrom(...CLIENT_LOGINS), pool),
  });
  const endpoint = { hosts: ["haproxy-1"], port: 5000 };
  fc.assert(
    fc.property(pgbouncer, fc.integer({ min: 150, max: 1500 }), (given, maxConnections) => {
      // Memory is no matter here.
      const size = { memoryMb: 1_048_576, parameters: { shared_buffers: "1GB" } };
      const raw = { pgbouncer: given, postgres: { maxConnections, ...size } };
      const { authQueryPerPgbouncer, ...others } = reservedConnections;
      const kept = Object.values(others).reduce((sum, connections) => sum + connections, 0);
      const { instances, pools, reader } = parseConfiguration(
        { pgbouncer: given, postgres: { maxConnections: 5000, ...size } },
        "x",
      ).pgbouncer;
      const entries = poolsOf({ instances, writer: endpoint, reader: endpoint, pools, readerPool: reader });
      const opened = Object.values(entries).reduce((sum, entry) => sum + entry.maxConnections, 0) * instances;
      expect(authQueryPerPgbouncer).toBe(entries["pgbouncer_auth"]?.maxConnections);
      expect(faultsOf(raw).length === 0).toBe(opened + kept <= maxConnections);
    }),
    { numRuns: 300 },
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { userlist } from "../../../components/pgbouncer/pgbouncerConfiguration.ts";
import { poolsOf } from "../../../components/pgbouncer/pgbouncer.ts";
import { parsePools, renderPools } from "../../../components/pgbouncer/databasesSection.ts";
import { poolDefaults, readerPoolDefault } from "../../../components/stack/defaults.ts";

const writer = { hosts: ["haproxy-1", "haproxy-2"], port: 5000 };
const reader = { hosts: ["haproxy-1", "haproxy-2"], port: 5001 };
const stack = { writer, reader, pools: poolDefaults, readerPool: readerPoolDefault };

describe("poolsOf", () => {
  it("has an entry for each service, for writes, for reads, and for PgBouncer's own look-ups", () => {
    expect(Object.keys(poolsOf({ ...stack, instances: 1 })).sort()).toEqual([
      "ac_service",
      "acgs_db",
      "acgs_db_ro",
      "auth_service",
      "dgm_service",
      "ec_service",
      "fv_service",
      "gs_service",
      "integrity_service",
      "pgbouncer_auth",
      "pgc_service",
    ]);
  });

  it("gives one PgBouncer the whole pool, and one of two all clients and half of the connections, rounded up", () => {
    const { auth_service: whole } = poolsOf({ ...stack, instances: 1 });
    const { auth_service: half } = poolsOf({ ...stack, instances: 2 });
    expect(whole).toEqual({
      ...writer,
      database: "acgs_db",
      size: 15,
      reserve: 4,
      maxConnections: 19,
      maxClients: 60,
    });
    expect(half).toMatchObject({ size: 8, reserve: 2, maxConnections: 10, maxClients: 60 });
  });

  it("reads go to the replicas' address", () => {
    expect(poolsOf({ ...stack, instances: 1 }).acgs_db_ro).toMatchObject({
      port: 5001,
      size: 3,
      lifetime: 30,
    });
  });
});

describe("renderPools", () => {
  it("is read back as it was", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
    const number = fc.integer({ min: 0, max: 9999 });
    const pool = fc.record(
      {
        hosts: fc.array(name, { minLength: 1, maxLength: 3 }),
        port: number,
        database: name,
        size: number,
        reserve: number,
        maxConnections: number,
        maxClients: number,
        lifetime: number,
      },
      { requiredKeys: ["hosts", "port", "database", "size", "reserve", "maxConnections", "maxClients"] },
    );
    fc.assert(
      fc.property(fc.dictionary(name, pool), (pools) => {
        expect(parsePools(renderPools(pools))).toEqual({ ...pools });
      }),
    );
  });

  it("refuses a name that would end its line or its value", () => {
    const [pool] = Object.values(poolsOf({ ...stack, instances: 1 }));
    for (const name of ["a b", "a\nb", "a=b", "", ";", "a'b"]) {
      expect(() => renderPools({ [name]: pool! })).toThrow("Not a name for PgBouncer");
    }
  });
});

describe("userlist", () => {
  it("doubles quotes, and refuses what the file cannot hold", () => {
    expect(userlist("pgbouncer", 'a"b')).toBe('"pgbouncer" "a""b"\n');
    expect(() => userlist("pgbouncer", "a\nb")).toThrow("cannot read");
  });
});

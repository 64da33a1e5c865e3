import { describe, expect, it } from "vitest";
import { ROLES } from "../../../components/roles/roles.ts";
import { scramVerifier } from "../../../components/security/scram.ts";
import { TYPE } from "../../../lib/pulumi/types.ts";
import { UNKNOWN } from "../../../policy/values.ts";
import { resource, resourceRule } from "./support.ts";

const faults = (rule: string, args: Record<string, unknown>, type: string = TYPE.role) =>
  resourceRule(rule).faults(resource(type, args));

describe("no-superuser", () => {
  it("lets the stack's own roles pass", () => {
    for (const [name, settings] of Object.entries(ROLES))
      expect(faults("no-superuser", { name, ...settings }), name).toEqual([]);
  });

  it("refuses a superuser, and who can become one", () => {
    expect(faults("no-superuser", { superuser: true })).toEqual(["is a superuser"]);
    for (const role of [
      "postgres",
      "pg_execute_server_program",
      "pg_read_server_files",
      "pg_write_server_files",
      "pg_read_all_data",
      "pg_write_all_data",
    ])
      expect(faults("no-superuser", { roles: ["acgs_client", role] })).toEqual([
        `is a member of ${role}, which is as good as a superuser`,
      ]);
  });
});

describe("no-superuser-login", () => {
  it("refuses a server that is reached as the superuser, by name or by default", () => {
    const faultsOf = (args: Record<string, unknown>) =>
      faults("no-superuser-login", args, TYPE.postgresqlProvider);
    for (const args of [{}, { username: "postgres" }])
      expect(faultsOf(args)).toEqual(["logs in as postgres"]);
    for (const username of ["acgs_deployer", UNKNOWN]) expect(faultsOf({ username })).toEqual([]);
  });
});

describe("password-verifier", () => {
  it("refuses a password, without saying it", () => {
    const password = "a-password-of-somebody";
    const [fault] = faults("password-verifier", { password });
    expect(fault).toBe("gets its password in plain text");
    expect(faults("password-verifier", { password: "md5b1946ac92492d2347c6235b4d2611184" })).toHaveLength(1);
  });

  it("lets a verifier pass, and what has no password", () => {
    for (const password of [scramVerifier("a-password"), undefined, UNKNOWN])
      expect(faults("password-verifier", { password })).toEqual([]);
  });
});

describe("no-superuser-pool", () => {
  const pool = { hosts: ["haproxy-1"], port: 5000, database: "acgs_db" };

  it("refuses a pool that connects as the superuser", () => {
    const pools = { dgm_service: pool, postgres: pool, admin: { ...pool, user: "postgres" } };
    expect(faults("no-superuser-pool", { pools }, TYPE.pools)).toEqual([
      "lets clients of the pool postgres be postgres",
      "lets clients of the pool admin be postgres",
    ]);
  });

  it("lets pools of services pass", () => {
    expect(faults("no-superuser-pool", { pools: { dgm_service: pool } }, TYPE.pools)).toEqual([]);
  });
});

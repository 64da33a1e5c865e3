import { describe, expect, it } from "vitest";
import { SERVICES } from "../../../components/access/logins.ts";
import { defaultPrivileges, ROLES, schemaUsage } from "../../../components/access/privileges.ts";

const dgm = SERVICES.filter(({ schema }) => schema === "dgm");

describe("ROLES", () => {
  it("names every group before its members", () => {
    const seen = new Set<string>(["pg_monitor"]);
    for (const [role, { roles }] of Object.entries(ROLES)) {
      for (const group of (roles ?? []) as string[]) expect(seen, `${role} before ${group}`).toContain(group);
      seen.add(role);
    }
  });

  it("gives nobody more than a login", () => {
    for (const settings of Object.values(ROLES)) {
      expect(settings).not.toHaveProperty("superuser");
      expect(settings).not.toHaveProperty("createRole");
      expect(settings).not.toHaveProperty("createDatabase");
      expect(settings).not.toHaveProperty("replication");
      expect(settings).not.toHaveProperty("bypassRowLevelSecurity");
    }
  });

  it("lets the owner and the groups not log in, and bounds the statements of all others", () => {
    const nobody = Object.entries(ROLES).filter(([, settings]) => !settings.login);
    expect(nobody.map(([role]) => role)).toEqual(["acgs_owner", "acgs_client", "acgs_reader", "acgs_writer"]);
    for (const [role, settings] of Object.entries(ROLES)) {
      if (settings.login) expect(settings.statementTimeout, role).toBeGreaterThan(0);
    }
  });
});

describe("privileges", () => {
  it("a service reaches its own schema only", () => {
    const roles = schemaUsage(SERVICES)
      .filter(({ role }) => role.endsWith("_service"))
      .map(({ role, schema }) => [role, schema]);
    expect(roles).toEqual(SERVICES.map(({ login, schema }) => [login, schema]));
  });

  it("PUBLIC gets no function, readers only read, and nobody truncates or references", () => {
    const all = defaultPrivileges(dgm);
    expect(all.filter(({ role }) => role === "public")).toEqual([
      { role: "public", objectType: "function", privileges: [] },
    ]);
    expect(all.filter(({ role }) => role === "acgs_reader").flatMap((p) => p.privileges)).toEqual(["SELECT"]);
    const given = new Set(all.flatMap((p) => p.privileges));
    expect([...given].sort()).toEqual(["DELETE", "EXECUTE", "INSERT", "SELECT", "UPDATE", "USAGE"]);
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { format, resolveConfig } from "prettier";
import { describe, expect, it } from "vitest";
import { CLIENT_LOGINS, MONITOR_LOGIN, READONLY_LOGIN, SERVICES } from "../../../lib/names.ts";
import { connectionLimits } from "../../../components/roles/connectionLimits.ts";
import { schemaUsage } from "../../../components/roles/privileges.ts";
import { privilegeFiles } from "../../../docs/generator/privilegeFiles.ts";
import { KINDS, PARTIES, rightsOn } from "../../../components/roles/privileges/tableClasses.ts";
import { SERVICE_PRIVILEGES } from "../../../components/roles/privileges/services.ts";
import { LOGINS, ROLES, rolesOf } from "../../../components/roles/roles.ts";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import { connectionDemand } from "../../../components/stack/connections.ts";

const root = resolve(import.meta.dirname, "../../..");

describe("ROLES", () => {
  it("names every group before its members", () => {
    const seen = new Set<string>(["pg_monitor"]);
    for (const [role, { roles }] of Object.entries(ROLES)) {
      for (const group of roles ?? []) expect(seen, `${role} before ${group}`).toContain(group);
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
    for (const login of LOGINS) {
      expect(ROLES[login]!.statementTimeout, login).toBeGreaterThan(0);
      expect(ROLES[login]!.idleInTransactionSessionTimeout, login).toBeGreaterThan(0);
      expect(rolesOf(login)).not.toContain("acgs_owner");
    }
  });
});

describe("the table of privileges", () => {
  it("lets a service into its own schema only", () => {
    const roles = schemaUsage(SERVICES)
      .filter(({ role }) => role.endsWith("_service"))
      .map(({ role, schema }) => [role, schema]);
    expect(roles).toEqual(SERVICES.map(({ login, schema }) => [login, schema]));
  });

  it("lets readers only read, nobody truncate or refer, and nobody but its service write rules and secrets", () => {
    for (const { tables } of Object.values(SERVICE_PRIVILEGES)) {
      for (const entry of Object.values(tables)) {
        for (const { verb } of rightsOn(entry, "reader")) expect(verb).toBe("SELECT");
        for (const party of PARTIES) {
          for (const { verb } of rightsOn(entry, party)) {
            expect(["SELECT", "INSERT", "UPDATE", "DELETE"]).toContain(verb);
          }
        }
        const writes = rightsOn(entry, "application").filter(({ verb }) => verb !== "SELECT");
        if (["own", "evidence", "derived", "private"].includes(entry.kind)) expect(writes).toEqual([]);
        for (const { verb, columns } of writes) {
          expect(verb).not.toBe("DELETE");
          if (entry.kind === "secret") expect(columns).toBeDefined();
        }
      }
    }
    for (const kind of ["log", "evidence"] as const) {
      expect(KINDS[kind].rights.service).toEqual(["SELECT", "INSERT"]);
    }
  });

  it("is what the committed files say: run `npm run privileges` where it is not", async () => {
    for (const [name, text] of Object.entries(privilegeFiles())) {
      const file = resolve(root, name);
      const wanted = name.endsWith(".md")
        ? await format(text, { ...(await resolveConfig(file)), parser: "markdown" })
        : text;
      expect(readFileSync(file, "utf8"), name).toBe(wanted);
    }
  });

  it("is the one place: no other repeatable file grants or takes anything", () => {
    for (const schema of readdirSync(resolve(root, "sql"))) {
      for (const file of readdirSync(resolve(root, "sql", schema)).filter((name) => name.startsWith("R__"))) {
        if (file === "R__privileges.sql") continue;
        const text = readFileSync(resolve(root, "sql", schema, file), "utf8");
        const found = text.match(/^\s*(GRANT|REVOKE) .*$/gm) ?? [];
        // Membership of the roles that are made there.
        const membership =
          /^GRANT ((acgs_owner|pg_read_all_stats) TO acgs_upkeep|pg_read_server_files TO acgs_vault);$/;
        expect(
          found.filter((line) => !membership.test(line)),
          `sql/${schema}/${file}`,
        ).toEqual([]);
      }
    }
  });
});

describe("connection limits", () => {
  it.each(["dev", "prod"])("leave room for twice what PgBouncer opens, and for others, in %s", (stack) => {
    const configuration = parseConfiguration({}, stack);
    const limits = connectionLimits(configuration);
    const most = Math.floor(0.75 * configuration.postgres.maxConnections);
    expect(Object.keys(limits).sort()).toEqual([...LOGINS].sort());
    const demand = new Map(
      connectionDemand(configuration).map(({ what, connections }) => [what, connections]),
    );
    for (const login of CLIENT_LOGINS) {
      expect(limits[login]!, login).toBeGreaterThan(2 * demand.get(login)!);
      expect(limits[login]!, login).toBeLessThanOrEqual(most);
    }
    for (const login of [READONLY_LOGIN, MONITOR_LOGIN]) expect(limits[login]!).toBeLessThanOrEqual(most);
  });

  it("are the clients that the requirements give a service, and some for reads and people", () => {
    const limits = connectionLimits(parseConfiguration({}, "dev"));
    expect(limits).toMatchObject({ auth_service: 71, fv_service: 46, acgs_user: 150, pgbouncer: 9 });
  });
});

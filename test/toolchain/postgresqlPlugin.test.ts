import type pg from "pg";
import { query } from "../../testing/clients.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "../../testing/server.ts";
import { Project } from "./project.ts";

// Salt and keys are made up; the server stores a verifier as it comes.
const VERIFIER = `SCRAM-SHA-256$4096:MTIzNDU2Nzg5MDEyMzQ1Ng==$${"A".repeat(43)}=:${"B".repeat(43)}=`;

let server: TestServer;
let project: Project;

beforeAll(async () => {
  server = await startServer();
  project = await Project.create();
});

afterAll(async () => {
  await project?.remove();
  await server?.stop();
});

/** One of each type that the plugin serves; `changes` are what a test lets differ. */
function program(
  changes: { limit?: number; privileges?: string; encoding?: string; more?: string } = {},
): string {
  const { limit = 12, privileges = '["SELECT", "INSERT"]', encoding = "UTF8", more = "" } = changes;
  return `
    import * as pulumi from "@pulumi/pulumi";
    import * as pg from "@pulumi/postgresql";
    const provider = new pg.Provider("server", { host: "${server.host}", port: ${server.port}, username: "postgres",
      password: "${server.superuserPassword}", sslmode: "disable" });
    const o = { provider };
    const owner = new pg.Role("owner", { name: "t_owner" }, o);
    const group = new pg.Role("group", { name: "t_group" }, o);
    const login = new pg.Role("login", { name: "t_login", login: true, password: pulumi.secret("${VERIFIER}"),
      connectionLimit: ${limit}, statementTimeout: 30000, searchPaths: ["t_schema", 'Odd"name'],
      validUntil: "2090-01-01T00:00:00Z" }, o);
    const database = new pg.Database("database", { name: "t_db", owner: owner.name, template: "template0",
      encoding: "${encoding}", lcCollate: "C", lcCtype: "C" }, o);
    const within = { database: database.name };
    const schema = new pg.Schema("schema", { ...within, name: "t_schema", owner: owner.name }, o);
    const inSchema = { ...within, schema: schema.name, role: login.name };
    new pg.Extension("extension", { ...within, name: "pgcrypto", schema: schema.name }, o);
    new pg.GrantRole("membership", { role: login.name, grantRole: group.name }, o);
    new pg.Grant("nobody", { ...within, role: "public", objectType: "database", privileges: [] }, o);
    new pg.Grant("connect", { ...within, role: login.name, objectType: "database", privileges: ["CONNECT"] }, o);
    new pg.Grant("usage", { ...inSchema, objectType: "schema", privileges: ["USAGE"] }, o);
    new pg.Grant("tables", { ...inSchema, objectType: "table", privileges: ${privileges} }, o);
    new pg.DefaultPrivileges("defaults", { ...inSchema, owner: owner.name, objectType: "table", privileges: ["ALL"] }, o);
    new pg.DefaultPrivileges("functions", { ...within, role: "public", owner: owner.name, objectType: "function",
      privileges: [] }, o);
    ${more}
    export const ownerOfDatabase = database.owner;`;
}

async function sql<Row extends pg.QueryResultRow>(database: string, text: string): Promise<Row[]> {
  const { host, port, superuserPassword: password } = server;
  return query<Row>({ host, port, user: "postgres", password, database }, text);
}

describe("the PostgreSQL plugin's stand-in", { timeout: 120_000 }, () => {
  it("creates each type, and finds nothing to do afterwards", async () => {
    await project.program(program());
    expect(await project.up()).toMatchObject({ succeeded: true });

    const [role] = await sql("postgres", "SELECT * FROM pg_authid WHERE rolname = 't_login'");
    expect(role).toMatchObject({
      rolcanlogin: true,
      rolsuper: false,
      rolconnlimit: 12,
      rolpassword: VERIFIER,
    });
    const [facts] = await sql(
      "t_db",
      `SELECT current_setting('server_encoding') AS encoding,
         (SELECT rolconfig FROM pg_roles WHERE rolname = 't_login') AS settings,
         has_database_privilege('t_login', 't_db', 'CONNECT') AS connect,
         has_database_privilege('t_group', 't_db', 'CONNECT') AS others,
         has_schema_privilege('t_login', 't_schema', 'USAGE') AS usage,
         pg_has_role('t_login', 't_group', 'MEMBER') AS member,
         (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 't_schema') AS owner,
         (SELECT count(*)::int FROM pg_extension WHERE extname = 'pgcrypto') AS extensions`,
    );
    expect(facts).toEqual({
      encoding: "UTF8",
      settings: expect.arrayContaining([
        'search_path=t_schema, "Odd""name"',
        "statement_timeout=30000",
      ]) as unknown,
      connect: true,
      others: false,
      usage: true,
      member: true,
      owner: "t_owner",
      extensions: 1,
    });
    expect(await project.preview()).toEqual([]);
  });

  it("gives what the owner makes later to those who have default privileges, and to nobody else", async () => {
    await sql("t_db", "SET ROLE t_owner; CREATE TABLE t_schema.later (id int)");
    const [row] = await sql(
      "t_db",
      `SELECT has_table_privilege('t_login', 't_schema.later', 'TRUNCATE') AS login,
              has_table_privilege('t_group', 't_schema.later', 'SELECT') AS others`,
    );
    expect(row).toEqual({ login: true, others: false });
    await sql("t_db", "DROP TABLE t_schema.later");
  });

  it("keeps secrets out of the state", async () => {
    const state = await project.state();
    expect(state).not.toContain(VERIFIER);
    expect(state).not.toContain(server.superuserPassword);
  });

  it("notices on refresh what was changed by hand, and sets it right", async () => {
    await sql(
      "t_db",
      `ALTER ROLE t_login CONNECTION LIMIT 3 PASSWORD 'by hand'; ALTER ROLE t_login RESET statement_timeout;
       ALTER SCHEMA t_schema OWNER TO postgres; REVOKE USAGE ON SCHEMA t_schema FROM t_login;
       REVOKE t_group FROM t_login; DROP EXTENSION pgcrypto;
       CREATE TABLE t_schema.bare (id int) PARTITION BY RANGE (id); ALTER TABLE t_schema.bare OWNER TO t_owner;
       ALTER DEFAULT PRIVILEGES FOR ROLE t_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC`,
    );
    expect(await project.pulumi("refresh", "--yes", "--skip-preview", "--stack", "test")).toMatchObject({
      succeeded: true,
    });
    const planned = await project.preview();
    const byName = Object.fromEntries(planned.map((step) => [step.name, step]));
    expect(byName["login"]).toMatchObject({ op: "update" });
    expect(Object.keys(byName["login"]!.properties).sort()).toEqual([
      "connectionLimit",
      "password",
      "statementTimeout",
    ]);
    expect(byName["schema"]).toMatchObject({ op: "update", properties: { owner: "update" } });
    expect(Object.keys(byName).sort()).toEqual(
      ["extension", "functions", "login", "membership", "schema", "tables", "usage"].sort(),
    );
    expect([byName["extension"]!.op, byName["membership"]!.op]).toEqual(["create", "create"]);

    expect(await project.up()).toMatchObject({ succeeded: true });
    const [role] = await sql("postgres", "SELECT * FROM pg_authid WHERE rolname = 't_login'");
    expect(role).toMatchObject({ rolconnlimit: 12, rolpassword: VERIFIER });
    const [table] = await sql(
      "t_db",
      "SELECT has_table_privilege('t_login', 't_schema.bare', 'INSERT') AS insert",
    );
    expect(table).toEqual({ insert: true });
  });

  it("updates in place, and replaces only what cannot be altered", async () => {
    await project.program(program({ limit: 20, privileges: '["SELECT"]' }));
    expect(await project.preview()).toEqual([
      { op: "update", name: "login", properties: { connectionLimit: "update" } },
      { op: "update", name: "tables", properties: { privileges: "update" } },
    ]);
    expect(await project.up()).toMatchObject({ succeeded: true });
    const [row] = await sql(
      "t_db",
      `SELECT has_table_privilege('t_login', 't_schema.bare', 'SELECT') AS select,
              has_table_privilege('t_login', 't_schema.bare', 'INSERT') AS insert,
              (SELECT rolconnlimit FROM pg_roles WHERE rolname = 't_login') AS limit`,
    );
    expect(row).toEqual({ select: true, insert: false, limit: 20 });

    await project.program(program({ limit: 20, privileges: '["SELECT"]', encoding: "SQL_ASCII" }));
    expect(await project.preview()).toContainEqual({
      op: "replace",
      name: "database",
      properties: { encoding: "update-replace" },
    });
  });

  it("refuses types and properties that it does not serve, and says so", async () => {
    await project.program(program({ more: 'new pg.Function("f", { name: "f", body: "" }, o);' }));
    const type = await project.pulumi("preview", "--stack", "test");
    expect(type.succeeded).toBe(false);
    expect(type.output).toContain("postgresql:index/function:Function is not served by this stand-in");

    await project.program(program({ more: 'new pg.Role("r", { name: "r", passwordWo: "x" }, o);' }));
    const property = await project.pulumi("preview", "--stack", "test");
    expect(property.succeeded).toBe(false);
    expect(property.output).toContain("passwordWo is not served by this stand-in");
  });

  it("reports a server's refusal without the password", async () => {
    await project.program(
      program({ more: 'new pg.Role("again", { name: "t_owner", password: "hunter2" }, o);' }),
    );
    const { succeeded, output } = await project.up();
    expect(succeeded).toBe(false);
    expect(output).toContain('role "t_owner" already exists');
    expect(output).not.toContain("hunter2");
  });

  it("leaves nothing behind", async () => {
    await sql("t_db", "DROP TABLE t_schema.bare");
    await project.program(program());
    expect(await project.pulumi("destroy", "--yes", "--skip-preview", "--stack", "test")).toMatchObject({
      succeeded: true,
    });
    const left = await sql(
      "postgres",
      `SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 't\\_%'
       UNION SELECT datname FROM pg_database WHERE datname LIKE 't\\_%'`,
    );
    expect(left).toEqual([]);
  });
});

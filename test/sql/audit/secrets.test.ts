import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROLES } from "../../../components/roles/roles.ts";
import { failure, rows, type StackDatabase } from "../../../testing/sqlServer.ts";
import { auditLines, inShort, logDuring, METRIC, startAuditedDatabase } from "./auditLog.ts";

const DENIED = "42501";

let database: StackDatabase;
let admin: pg.Client;
let dgm: pg.Client;

beforeAll(async () => {
  database = await startAuditedDatabase("integrity", "dgm");
  await database.apply();
  admin = await database.connect();
  dgm = await database.connect("dgm_service");
  await admin.query("CREATE TABLE public.scratch (x int)");
});
afterAll(() => database?.stop());

const heard = (work: () => Promise<unknown>) => logDuring(database, admin, work);
const audited = async (session: pg.Client, statement: string): Promise<string[]> =>
  inShort(await heard(() => session.query(statement).catch(() => undefined)));

describe("no secret comes into the log", () => {
  test.each([
    ["a password of a role", "CREATE ROLE r1 PASSWORD 's3cretpw'"],
    [
      "one that is changed",
      "ALTER USER r1 WITH ENCRYPTED /* x */ PASSWORD 's3cretpw' VALID UNTIL '2040-01-01'",
    ],
    ["one in a function", "DO $$ BEGIN EXECUTE 'ALTER ROLE r1 PASSWORD ''s3cretpw'''; END $$"],
    ["one that fails", "ALTER ROLE no_such_role PASSWORD 's3cretpw'"],
    ["one that cannot be parsed", "ALTER ROLE r1 PASSWORD 's3cretpw' PASSWORT"],
  ])("%s", async (_name, statement) => {
    const log = await heard(() => admin.query(statement).catch(() => undefined));
    expect(log.join("\n")).not.toContain("s3cretpw");
    if (!statement.startsWith("ALTER ROLE no") && !statement.endsWith("PASSWORT"))
      expect(log.join("\n")).toContain("PASSWORD <REDACTED>");
  });

  test("a verifier neither, which is all that the stack's roles are made with", async () => {
    const log = await heard(() =>
      admin.query("ALTER ROLE r1 PASSWORD 'SCRAM-SHA-256$4096:c2FsdA==$a2V5:a2V5'"),
    );
    expect(log.join("\n")).toContain("ALTER ROLE");
    expect(log.join("\n")).not.toContain("SCRAM");
  });

  test("a client's values, be they literals or parameters", async () => {
    const log = await heard(async () => {
      await dgm.query(METRIC.replace("'m'", "'s3cretvalue'"));
      await dgm.query(METRIC.replace("'m'", "$1"), ["s3cretvalue"]);
      await dgm
        .query(METRIC.replace("'m'", "$1").replace("'latency'", "'No Type'"), ["s3cretvalue"])
        .catch(() => 0);
    });
    expect(auditLines(log)).toHaveLength(3);
    expect(log.join("\n")).not.toContain("s3cretvalue");
  });

  test("a superuser's parameters", async () => {
    const log = await heard(() =>
      admin.query("INSERT INTO public.scratch SELECT length($1)", ["s3cretvalue"]),
    );
    expect(log.join("\n")).toContain("length($1)");
    expect(log.join("\n")).not.toContain("s3cretvalue");
  });
});

describe("nobody but a superuser can switch it off", () => {
  test("none of its settings is another's to set", async () => {
    const settings = (await rows(
      admin,
      "SELECT name FROM pg_settings WHERE name LIKE 'pgaudit.%'",
    )) as string[];
    expect(settings.length).toBeGreaterThan(8);
    for (const login of Object.keys(ROLES).filter((role) => ROLES[role]!.login === true)) {
      const session = await database.connect(login);
      for (const name of settings) {
        expect(await failure(session, `SET ${name} = off`), `${login} ${name}`).toBe(DENIED);
        expect(await failure(session, `ALTER ROLE ${login} SET ${name} = off`), `${login} ${name}`).toBe(
          DENIED,
        );
      }
    }
  });

  test("nor by the connection's options, nor as the auditor", async () => {
    const { host, port, database: name } = database.connection;
    const options = "-c pgaudit.log=none";
    const user = "dgm_service";
    const refused = new pg.Client({
      host,
      port,
      database: name,
      user,
      password: dgm.password ?? "",
      options,
    });
    refused.on("error", () => undefined);
    await expect(refused.connect()).rejects.toThrow(/permission denied to set parameter "pgaudit.log"/);
    await refused.end().catch(() => undefined);
    expect(await failure(dgm, "SET ROLE acgs_audit")).toBe(DENIED);
    expect(await failure(dgm, "REVOKE INSERT ON dgm.performance_metrics FROM acgs_audit")).toBeUndefined();
    expect(await audited(dgm, METRIC)).toEqual(["OBJECT WRITE INSERT dgm.performance_metrics"]);
    expect(await failure(dgm, "DROP EXTENSION pgaudit")).toBe(DENIED);
    expect(await failure(dgm, "ALTER EVENT TRIGGER pgaudit_ddl_command_end DISABLE")).toBe(DENIED);
  });

  test.each([
    ["SET pgaudit.role = ''", "SESSION MISC SET", "RESET pgaudit.role"],
    ["ALTER SYSTEM SET pgaudit.role = ''", "SESSION DDL ALTER SYSTEM", "ALTER SYSTEM RESET pgaudit.role"],
    [
      "ALTER ROLE dgm_service SET pgaudit.role = ''",
      "SESSION ROLE ALTER ROLE",
      "ALTER ROLE dgm_service RESET pgaudit.role",
    ],
    [
      "REVOKE INSERT ON dgm.improvements FROM acgs_audit",
      "SESSION ROLE REVOKE",
      "GRANT INSERT ON dgm.improvements TO acgs_audit",
    ],
    [
      "ALTER EVENT TRIGGER pgaudit_sql_drop DISABLE",
      "SESSION DDL ALTER EVENT TRIGGER",
      "ALTER EVENT TRIGGER pgaudit_sql_drop ENABLE",
    ],
  ])("a superuser who does it leaves a line that says so: %s", async (statement, line, undo) => {
    const log = await heard(() => admin.query(statement).then(() => admin.query(undo)));
    expect(inShort(log)).toContain(line);
    expect(log.join("\n")).toContain(statement);
  });

  test("the file runs again without a change", async () => {
    const picture = `SELECT rolname, rolconfig::text FROM pg_roles ORDER BY 1`;
    const before = await rows(admin, picture);
    await admin.query("DELETE FROM deploy.ledger WHERE file = 'R__audit.sql'");
    expect(await database.apply()).toEqual(["platform/R__audit.sql", "platform/R__privileges.sql"]);
    expect(await rows(admin, picture)).toEqual(before);
  });
});

import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROLES } from "../../../components/access/privileges.ts";
import { failure, rows, type StackDatabase } from "../support.ts";
import { auditLines, logDuring, startAuditedDatabase } from "./auditLog.ts";

const DENIED = "42501";
const APPLICATION = "improver 2.1";

let database: StackDatabase;
let admin: pg.Client;
let dgm: pg.Client;
let integrity: pg.Client;
let auth: pg.Client;

beforeAll(async () => {
  database = await startAuditedDatabase("auth", "integrity", "dgm");
  await database.apply();
  admin = await database.connect();
  dgm = await database.connect("dgm_service");
  integrity = await database.connect("integrity_service");
  auth = await database.connect("auth_service");
  await dgm.query(`SET application_name = '${APPLICATION}'`);
});
afterAll(() => database?.stop());

const heard = (work: () => Promise<unknown>) => logDuring(database, admin, work);
/** `kind class command object` of what a statement leaves in the log. */
async function audited(session: pg.Client, statement: string, values: unknown[] = []): Promise<string[]> {
  const lines = auditLines(await heard(() => session.query(statement, values).catch(() => undefined)));
  return lines.map((line) => [line.kind, line.class, line.command, line.object].join(" ").trim());
}

const METRIC = `INSERT INTO dgm.performance_metrics (service_name, metric_type, metric_name, metric_value)
  VALUES ('s', 'latency', 'm', 1)`;

describe("every modification of dgm and integrity is logged", () => {
  test("with who, where, by which application, and what", async () => {
    const [line, ...others] = auditLines(await heard(() => dgm.query(METRIC)));
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      login: "dgm_service",
      database: "acgs_db",
      application: APPLICATION,
      kind: "OBJECT",
      command: "INSERT",
      object: "dgm.performance_metrics",
    });
  });

  test.each([
    ["INSERT", "INSERT INTO dgm.bandit_states (algorithm_type, arm_id) VALUES ('a', 'x')"],
    ["UPDATE", "UPDATE dgm.bandit_states SET exploration_rate = 0.2"],
    ["DELETE", "DELETE FROM dgm.bandit_states WHERE false"],
  ])("%s", async (command, statement) => {
    expect(await audited(dgm, statement)).toContain(`OBJECT WRITE ${command} dgm.bandit_states`);
  });

  test("inside a query, by COPY, and by MERGE", async () => {
    const within = `WITH made AS (${METRIC} RETURNING 1) SELECT * FROM made`;
    expect(await audited(dgm, within)).toEqual(["OBJECT WRITE INSERT dgm.performance_metrics"]);
    const merge = `MERGE INTO dgm.bandit_states AS b USING (VALUES ('nobody')) AS v(arm) ON b.arm_id = v.arm
                   WHEN MATCHED THEN UPDATE SET exploration_rate = 0.1 WHEN NOT MATCHED THEN DO NOTHING`;
    expect(await audited(dgm, merge)).toEqual(["OBJECT WRITE UPDATE dgm.bandit_states"]);
  });

  test("once on the table that is named, and on a partition where that is named", async () => {
    const partition = await rows(
      admin,
      `SELECT leaf.relid::regclass::text FROM pg_partition_tree('dgm.performance_metrics') AS leaf
       JOIN pg_class AS c ON c.oid = leaf.relid
       WHERE leaf.isleaf AND pg_get_expr(c.relpartbound, c.oid) LIKE '%' || to_char(now(), 'YYYY-MM-01') || '%TO%' LIMIT 1`,
    );
    expect(await audited(dgm, `DELETE FROM dgm.performance_metrics WHERE false`)).toEqual([
      "OBJECT WRITE DELETE dgm.performance_metrics",
    ]);
    expect(await audited(dgm, `DELETE FROM ${partition[0] as string} WHERE false`)).toEqual([
      `OBJECT WRITE DELETE ${partition[0] as string}`,
    ]);
  });

  test("on tables and partitions that are made later", async () => {
    await admin.query(
      `SET ROLE acgs_owner; CREATE TABLE integrity.later (at date) PARTITION BY RANGE (at);
       CREATE TABLE integrity.later_1 PARTITION OF integrity.later FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
       RESET ROLE`,
    );
    for (const table of ["integrity.later", "integrity.later_1"]) {
      const statement = `INSERT INTO ${table} VALUES ('2020-02-02')`;
      expect(await audited(integrity, statement)).toEqual([`OBJECT WRITE INSERT ${table}`]);
    }
  });

  test("those that are rolled back or fail in the table, as they are", async () => {
    await dgm.query("BEGIN");
    expect(await audited(dgm, METRIC)).toEqual(["OBJECT WRITE INSERT dgm.performance_metrics"]);
    await dgm.query("ROLLBACK");
    const bad = METRIC.replace("'latency'", "'No Type'");
    expect(await audited(dgm, bad)).toEqual(["OBJECT WRITE INSERT dgm.performance_metrics"]);
  });

  test("one that is denied shows as the server's own error, with the same names", async () => {
    const log = await heard(() => dgm.query("DELETE FROM dgm.improvements").catch(() => undefined));
    expect(log.join("\n")).toMatch(
      /dgm_service@acgs_db improver 2\.1 \S+ ERROR: {2}permission denied for table/,
    );
    expect(auditLines(log)).toEqual([]);
  });

  test("of a superuser also TRUNCATE, and everywhere, with the text", async () => {
    await admin.query("CREATE TABLE public.scratch (x int)");
    expect(await audited(admin, "INSERT INTO public.scratch VALUES (1)")).toEqual([
      "SESSION WRITE INSERT public.scratch",
    ]);
    const lines = auditLines(await heard(() => admin.query("TRUNCATE public.scratch")));
    expect(lines.map(({ command, rest }) => `${command} ${rest}`)).toEqual([
      "TRUNCATE TABLE TRUNCATE public.scratch,<not logged>",
    ]);
  });

  test("nobody else may TRUNCATE, so that its absence for clients hides nothing", async () => {
    const logins = Object.keys(ROLES);
    expect(
      await rows(
        admin,
        `SELECT r.rolname || ' on ' || c.oid::regclass FROM pg_roles r, pg_class c
         WHERE r.rolname = ANY ($1) AND c.relkind IN ('r', 'p') AND r.rolname <> 'acgs_owner'
           AND c.relnamespace::regnamespace::text IN ('dgm', 'integrity') AND has_table_privilege(r.oid, c.oid, 'TRUNCATE')`,
        [logins],
      ),
    ).toEqual([]);
  });
});

describe("what is not asked for is not logged", () => {
  test.each([
    ["a SELECT", "SELECT count(*) FROM dgm.performance_metrics"],
    ["a transaction's ends", "BEGIN; COMMIT"],
    ["an EXPLAIN", "EXPLAIN SELECT * FROM dgm.bandit_states"],
  ])("%s", async (_name, statement) => expect(await audited(dgm, statement)).toEqual([]));

  test("a look at what a foreign key names", async () => {
    const [id] = await rows(
      dgm,
      "INSERT INTO dgm.dgm_archive (description) VALUES ('x') RETURNING improvement_id",
    );
    const referring = METRIC.replace("metric_value)", "metric_value, improvement_id)").replace(
      "1)",
      "1, $1)",
    );
    expect(await audited(dgm, referring, [id])).toEqual(["OBJECT WRITE INSERT dgm.performance_metrics"]);
  });

  test("a client's write in another schema", async () => {
    expect(await audited(auth, "DELETE FROM auth.sessions WHERE false")).toEqual([]);
  });
});

describe("DDL and changes of roles are logged of everybody", () => {
  test("DDL with its object, of a superuser with its text", async () => {
    await admin.query("GRANT TEMPORARY ON DATABASE acgs_db TO dgm_service");
    expect(await audited(dgm, "CREATE TEMP TABLE mine (x int)")).toEqual([
      "SESSION DDL CREATE TABLE pg_temp.mine",
    ]);
    await admin.query("REVOKE TEMPORARY ON DATABASE acgs_db FROM dgm_service");
    const disable = "ALTER TABLE integrity.audit_logs DISABLE TRIGGER USER";
    const lines = auditLines(await heard(() => admin.query(disable)));
    expect(lines[0]).toMatchObject({
      login: "postgres",
      class: "DDL",
      command: "ALTER TABLE",
      object: "integrity.audit_logs",
    });
    expect(lines[0]!.rest).toContain("DISABLE TRIGGER USER");
  });

  test("in the owner's name: the login is who did it", async () => {
    const lines = auditLines(
      await heard(() => admin.query("SET ROLE acgs_owner; DROP TABLE integrity.later_1; RESET ROLE")),
    );
    expect(lines.map(({ login, command, object }) => [login, command, object])).toEqual([
      ["postgres", "DROP TABLE", "integrity.later_1"],
    ]);
  });

  test("roles and grants, also one that fails", async () => {
    expect(await audited(admin, "CREATE ROLE nobody_yet")).toEqual(["SESSION ROLE CREATE ROLE"]);
    expect(await audited(admin, "GRANT acgs_owner TO nobody_yet")).toEqual(["SESSION ROLE GRANT ROLE"]);
    expect(await audited(admin, "GRANT SELECT ON dgm.bandit_states TO nobody_yet")).toEqual([
      "SESSION ROLE GRANT",
    ]);
    const log = await heard(() => dgm.query("ALTER ROLE dgm_service SUPERUSER").catch(() => undefined));
    expect(log.join("\n")).toMatch(/dgm_service@acgs_db .* ERROR: {2}must be superuser/);
  });
});

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
    for (const login of Object.keys(ROLES).filter((role) => ROLES[role]!.login)) {
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

  test("a superuser who does it leaves a line that says so", async () => {
    expect(await audited(admin, "ALTER ROLE dgm_service SET pgaudit.role = ''")).toEqual([
      "SESSION ROLE ALTER ROLE",
    ]);
    expect(await audited(admin, "REVOKE INSERT ON dgm.performance_metrics FROM acgs_audit")).toEqual([
      "SESSION ROLE REVOKE",
    ]);
    await admin.query(
      "ALTER ROLE dgm_service RESET pgaudit.role; GRANT INSERT ON dgm.performance_metrics TO acgs_audit",
    );
  });

  test("the file runs again without a change", async () => {
    const picture = `SELECT rolname, rolconfig::text FROM pg_roles ORDER BY 1`;
    const before = await rows(admin, picture);
    await admin.query("DELETE FROM deploy.ledger WHERE file = 'R__audit.sql'");
    expect(await database.apply()).toEqual(["platform/R__audit.sql"]);
    expect(await rows(admin, picture)).toEqual(before);
  });
});

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from } from "pg-copy-streams";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROLES } from "../../../components/roles/roles.ts";
import { rows, type StackDatabase } from "../../../testing/sqlServer.ts";
import { auditLines, inShort, logDuring, METRIC, startAuditedDatabase } from "./auditLog.ts";

const APPLICATION = "improver 2.1";

let database: StackDatabase;
let admin: pg.Client;
/** A superuser that acts as the owner, who alone reaches partitions and tables that nobody was let to yet. */
let owner: pg.Client;
let dgm: pg.Client;
let auth: pg.Client;

beforeAll(async () => {
  database = await startAuditedDatabase("auth", "integrity", "dgm");
  await database.apply();
  admin = await database.connect();
  owner = await database.connect();
  await owner.query("SET ROLE acgs_owner");
  dgm = await database.connect("dgm_service");
  auth = await database.connect("auth_service");
  await dgm.query(`SET application_name = '${APPLICATION}'`);
});
afterAll(() => database?.stop());

const heard = (work: () => Promise<unknown>) => logDuring(database, admin, work);
const audited = async (session: pg.Client, statement: string, values: unknown[] = []): Promise<string[]> =>
  inShort(await heard(() => session.query(statement, values).catch(() => undefined)));
/** Of a superuser's lines those that the grants ask for. */
const auditedObjects = async (statement: string): Promise<string[]> =>
  (await audited(owner, statement)).filter((line) => line.startsWith("OBJECT"));

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
    const copy = () =>
      pipeline(
        Readable.from(["s\tlatency\tm\t1\n", "s\tlatency\tm\t2\n"]),
        dgm.query(
          from(
            "COPY dgm.performance_metrics (service_name, metric_type, metric_name, metric_value) FROM STDIN",
          ),
        ),
      );
    expect(inShort(await heard(copy))).toEqual(["OBJECT WRITE INSERT dgm.performance_metrics"]);
  });

  test("once on the table that is named, and on a partition where that is named", async () => {
    const partition = await rows(
      admin,
      `SELECT leaf.relid::regclass::text FROM pg_partition_tree('dgm.performance_metrics') AS leaf
       JOIN pg_class AS c ON c.oid = leaf.relid
       WHERE leaf.isleaf AND pg_get_expr(c.relpartbound, c.oid) LIKE '%' || to_char(now(), 'YYYY-MM-01') || '%TO%' LIMIT 1`,
    );
    expect(await auditedObjects(`DELETE FROM dgm.performance_metrics WHERE false`)).toEqual([
      "OBJECT WRITE DELETE dgm.performance_metrics",
    ]);
    expect(await auditedObjects(`DELETE FROM ${partition[0] as string} WHERE false`)).toEqual([
      `OBJECT WRITE DELETE ${partition[0] as string}`,
    ]);
  });

  test("on tables and partitions that are made later", async () => {
    await owner.query(
      `CREATE TABLE integrity.later (at date) PARTITION BY RANGE (at);
       CREATE TABLE integrity.later_1 PARTITION OF integrity.later FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')`,
    );
    for (const table of ["integrity.later", "integrity.later_1"]) {
      const statement = `INSERT INTO ${table} VALUES ('2020-02-02')`;
      expect(await auditedObjects(statement)).toEqual([`OBJECT WRITE INSERT ${table}`]);
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

  test("a deployment's command by command, without the files' texts", async () => {
    await admin.query("DELETE FROM deploy.ledger WHERE file = 'R__row_upkeep.sql' AND schema = 'dgm'");
    const log = await heard(() => database.apply());
    const lines = auditLines(log).filter(({ application }) => application === "acgs-db SQL runner");
    expect(inShort(log)).toContain("SESSION DDL CREATE FUNCTION dgm.guard_configuration()");
    expect(lines.length).toBeGreaterThan(5);
    for (const { login, rest } of lines)
      expect([login, rest]).toEqual(["postgres", "<not logged>,<not logged>"]);
  });

  test("in the owner's name: the login is who did it", async () => {
    const lines = auditLines(
      await heard(() => admin.query("SET ROLE acgs_owner; DROP TABLE integrity.later_1; RESET ROLE")),
    );
    expect(lines.map(({ login, command, object }) => [login, command, object])).toEqual([
      ["postgres", "SET", ""],
      ["postgres", "DROP TABLE", "integrity.later_1"],
      ["postgres", "RESET", ""],
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

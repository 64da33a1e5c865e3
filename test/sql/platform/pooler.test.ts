import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DATABASE } from "../../../lib/names.ts";
import { failure, rows, startStackDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

let database: StackDatabase;
let admin: pg.Client;
let pooler: pg.Client;

beforeAll(async () => {
  database = await startStackDatabase("dgm");
  await database.apply();
  admin = await database.connect();
  pooler = await database.connect("pgbouncer");
  await admin.query(`
    CREATE ROLE expired LOGIN PASSWORD 'x' VALID UNTIL '2020-01-01';
    CREATE ROLE later LOGIN PASSWORD 'x' VALID UNTIL '2999-01-01';
    CREATE ROLE locked NOLOGIN PASSWORD 'x';
    CREATE ROLE boss SUPERUSER LOGIN PASSWORD 'x';
    CREATE ROLE replicator LOGIN REPLICATION PASSWORD 'x';
    CREATE ROLE rewind LOGIN PASSWORD 'x';
    CREATE ROLE everything LOGIN BYPASSRLS PASSWORD 'x';
    ALTER ROLE auth_service_2 PASSWORD NULL`);
});
afterAll(() => database?.stop());

const ask = (login: string): Promise<unknown[]> =>
  rows(pooler, "SELECT usename, passwd FROM pgbouncer.get_auth($1)", [login]);

test.each(["dgm_service", "dgm_service_2", "acgs_user", "acgs_readonly", "acgs_monitor", "later"])(
  "%s gets its own SCRAM verifier",
  async (login) => {
    const stored = await rows(admin, "SELECT rolname::text, rolpassword FROM pg_authid WHERE rolname = $1", [
      login,
    ]);
    expect(await ask(login)).toEqual(stored);
    expect(JSON.stringify(stored)).toContain("SCRAM-SHA-256$");
  },
);

test.each([
  "postgres",
  "boss",
  "replicator",
  "rewind",
  "pgbouncer",
  "everything",
  "expired",
  "locked",
  "auth_service_2",
  "acgs_owner",
  "nobody",
  "' OR true --",
])("%s gets no answer", async (login) => {
  expect(await ask(login)).toEqual([]);
});

test("a second login whose turn has not come is nobody's, whatever the password", async () => {
  const { host, port } = database.connection;
  for (const password of ["", "x", "auth_service_2"]) {
    const client = new pg.Client({ host, port, database: DATABASE, user: "auth_service_2", password });
    client.on("error", () => undefined);
    await expect(client.connect(), password).rejects.toThrow();
    await client.end().catch(() => undefined);
  }
  expect(await rows(admin, "SELECT 1 FROM pg_stat_activity WHERE usename = 'auth_service_2'")).toEqual([]);
});

test("only the pooler may ask", async () => {
  const service = await database.connect("dgm_service");
  expect(await failure(service, "SELECT * FROM pgbouncer.get_auth('acgs_user')")).toBe("42501");
});

test("the pooler sees nothing else of the passwords", async () => {
  expect(await failure(pooler, "SELECT * FROM pg_authid")).toBe("42501");
  expect(await failure(pooler, "SELECT * FROM dgm.dgm_archive")).toBe("42501");
});

test("nobody can put a catalogue of their own before the function", async () => {
  await admin.query("GRANT TEMPORARY ON DATABASE acgs_db TO pgbouncer");
  await pooler.query("CREATE TEMP TABLE pg_authid (rolname name, rolpassword text)");
  await pooler.query("SET search_path = pg_temp, pg_catalog");
  expect(await ask("boss")).toEqual([]);
  expect(await ask("dgm_service")).toHaveLength(1);
});

import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { provider } from "../../../components/roles/deployer.provider.ts";
import { scramVerifier } from "../../../components/security/scram.ts";
import { ENGINE } from "../../../testing/images.ts";
import { createDatabase, type TestDatabase } from "../../support/sqlDatabase.ts";

// The login that makes roles, database and schemas on a stack, made over the server's local socket as there.

// Roles belong to the server, which other files use at the same time.
const login = `deployer_${randomBytes(4).toString("hex")}`;
const made = [`${login}_role`, `${login}_owned`];
const password = randomBytes(12).toString("hex");

let database: TestDatabase;
let admin: pg.Client;

const inputs = (own = password) => ({
  ...{ login, verifier: scramVerifier(own) },
  members: { "postgres-1": { docker: ENGINE, container: inject("sqlServer").container } },
});

/** Undefined where the login may do it. */
async function refusal(...statements: string[]): Promise<string | undefined> {
  const client = await database.connect({ user: login, password });
  try {
    for (const statement of statements) await client.query(statement);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  database = await createDatabase();
  admin = await database.connect();
  expect((await provider.create(inputs())).id).toBe(login);
});

afterAll(async () => {
  for (const role of [...made, login]) {
    await admin.query(`DO $$ BEGIN DROP OWNED BY ${role}; EXCEPTION WHEN undefined_object THEN NULL; END $$`);
    await admin.query(`DROP ROLE IF EXISTS ${role}`);
  }
  await database.drop();
});

describe("the deployer's login", () => {
  test("makes roles, schemas of the owner, and grants", async () => {
    expect(
      await refusal(
        `GRANT acgs_owner TO ${login}`,
        `CREATE ROLE ${made[0]} LOGIN CONNECTION LIMIT 5 PASSWORD '${scramVerifier("x")}'`,
        `ALTER ROLE ${made[0]} SET statement_timeout = 1000`,
        `GRANT pg_monitor TO ${made[0]}`,
        `CREATE SCHEMA ${made[1]} AUTHORIZATION acgs_owner`,
        `GRANT USAGE ON SCHEMA ${made[1]} TO ${made[0]}`,
        `REVOKE ALL ON DATABASE ${database.connection.database} FROM PUBLIC`,
        "ALTER DEFAULT PRIVILEGES FOR ROLE acgs_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC",
      ),
    ).toBeUndefined();
  });

  test.each([
    ["become a superuser", `ALTER ROLE ${login} SUPERUSER`, "42501"],
    ["act as one", "SET ROLE postgres", "42501"],
    ["join one", `GRANT postgres TO ${login}`, "42501"],
    ["set one's password", "ALTER ROLE postgres PASSWORD 'x'", "42501"],
    ["replicate", `ALTER ROLE ${login} REPLICATION`, "42501"],
    ["install what only a superuser may", "CREATE EXTENSION pg_stat_statements", "42501"],
    ["read a file of the server", "SELECT pg_read_file('postgresql.conf')", "42501"],
    ["change a parameter of the server", "ALTER SYSTEM SET work_mem = '1MB'", "42501"],
  ])("does not %s", async (_what, statement, code) => {
    expect(await refusal(statement)).toBe(code);
  });

  test("could make itself nearly one, as SECURITY.md says", async () => {
    const far = `GRANT pg_execute_server_program TO ${login}`;
    expect(await refusal(far, "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null'")).toBeUndefined();
    await admin.query(`REVOKE pg_execute_server_program FROM ${login}`);
  });

  test("is found as it was left, and gets back what was taken from it", async () => {
    const state = inputs();
    await provider.update!(login, state, state);
    expect((await provider.read!(login, state)).props).toEqual(state);
    for (const change of [
      ...["NOCREATEDB", "SUPERUSER", "NOLOGIN", "PASSWORD 'of-somebody-else'"],
      ...["VALID UNTIL '2020-01-01'", "CONNECTION LIMIT 0"],
    ]) {
      await admin.query(`ALTER ROLE ${login} ${change}`);
      const { inputs: found } = await provider.read!(login, state);
      expect([change, found?.verifier]).toEqual([change, ""]);
      await provider.update!(login, state, state);
      expect((await provider.read!(login, state)).inputs).toEqual(state);
    }
  });

  test("is not asked about while the server is away", async () => {
    const away = { ...inputs(), members: { "postgres-1": { docker: ENGINE, container: "acgs-no-such" } } };
    expect((await provider.read!(login, away)).inputs).toEqual(away);
  });
});

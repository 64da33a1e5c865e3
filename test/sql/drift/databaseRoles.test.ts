import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type pg from "pg";
import { SERVICE_SCHEMAS } from "../../../lib/names.ts";
import { driftOfRoles, readRoleFacts, type RoleDrift } from "../../../operations/drift/databaseRoles.ts";
import { startAppliedDatabase, type StackDatabase } from "../../../testing/sqlServer.ts";

// What a person changes of roles behind the stack's back: found, set back by `up`, or told of with commands that work.

let database: StackDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase(...SERVICE_SCHEMAS);
  admin = await database.connect();
  for (const login of ["replicator", "rewind"])
    await admin.query(`CREATE ROLE ${login} LOGIN ${login === "replicator" ? "REPLICATION" : ""}`);
});
afterAll(async () => {
  await database?.stop();
});

const look = async (): Promise<RoleDrift[]> => driftOfRoles(await readRoleFacts(admin));

it("a database that nobody has touched differs in nothing, nor does a setting of a role in one database", async () => {
  await admin.query("ALTER ROLE ec_service IN DATABASE acgs_db SET statement_timeout = '5s'");
  expect(await look()).toEqual([]);
});

const SET_BACK: [string, string, string][] = [
  [
    "ALTER ROLE dgm_service SET statement_timeout = '1ms'",
    "setting statement_timeout of role dgm_service",
    "1ms",
  ],
  ["ALTER ROLE dgm_service RESET lock_timeout", "setting lock_timeout of role dgm_service", "not set"],
  ["ALTER ROLE dgm_service SET work_mem = '1GB'", "setting work_mem of role dgm_service", "1GB"],
  [
    "ALTER DATABASE acgs_db SET default_transaction_read_only = on",
    "setting default_transaction_read_only of database acgs_db",
    "on",
  ],
  ["ALTER ROLE ALL SET jit = off", "setting jit of all roles", "off"],
  ["ALTER ROLE rewind SUPERUSER", "role rewind", "LOGIN, SUPERUSER"],
  ["GRANT pg_write_all_data TO rewind", "membership of rewind in pg_write_all_data", "there"],
  ["GRANT USAGE ON SCHEMA auth TO ec_service", "privilege USAGE of ec_service on schema auth", "there"],
  ["GRANT CREATE ON SCHEMA public TO PUBLIC", "privilege CREATE of PUBLIC on schema public", "there"],
  [
    "GRANT TEMPORARY ON DATABASE acgs_db TO PUBLIC",
    "privilege TEMPORARY of PUBLIC on database acgs_db",
    "there",
  ],
];

describe("settings and rights of roles", () => {
  let drift: RoleDrift[];
  beforeAll(async () => {
    for (const [statement] of SET_BACK) await admin.query(statement);
    drift = await look();
  });

  it.each(SET_BACK)("%s is found", (_, what, is) => {
    expect(drift.filter((one) => one.what === what)).toMatchObject([{ is, repaired: true }]);
  });

  it("are all that is found, and are set back", async () => {
    expect(drift.map(({ what }) => what).sort()).toEqual(SET_BACK.map(([, what]) => what).sort());
    for (const { statements } of drift) for (const statement of statements) await admin.query(statement);
    expect(await look()).toEqual([]);
  });
});

it("a role and a database that nobody declared are told with the commands that remove them", async () => {
  await admin.query("CREATE ROLE theirs SUPERUSER LOGIN");
  await admin.query("CREATE DATABASE theirs");
  const drift = await look();
  expect(drift).toMatchObject([
    {
      what: "role theirs",
      is: "there (LOGIN, SUPERUSER), and nobody declared it",
      repaired: false,
      statements: [],
    },
    { what: "database theirs", is: "there, and nobody declared it", repaired: false, statements: [] },
  ]);
  for (const { remedy } of drift)
    for (const [command] of remedy.matchAll(/[A-Z]{3,}[^;]*;/g)) await admin.query(command);
  expect(await look()).toEqual([]);
});

import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SERVICES } from "../../../lib/names.ts";
import { VERBS } from "../../../components/roles/privileges/tableClasses.ts";
import { rows, startStackDatabase, type StackDatabase } from "../../../testing/sqlServer.ts";
import { relations, routines } from "./database.ts";
import { mayAll, mayCall } from "./expected.ts";
import { LOGINS } from "../../../components/roles/roles.ts";

// A stack that was made when default privileges gave services and acgs_user everything on each new object.

const HERE = SERVICES.filter(({ schema }) => schema === "auth" || schema === "integrity");
/** A role that the table does not know: an operator gave it access by hand. */
const FRIEND = "friend_of_the_operator";

let database: StackDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await startStackDatabase(...HERE.map(({ schema }) => schema));
  admin = await database.connect();
  await admin.query(`CREATE ROLE ${FRIEND}`);
  for (const { login, schema } of HERE) {
    const defaults = `ALTER DEFAULT PRIVILEGES FOR ROLE acgs_owner IN SCHEMA ${schema} GRANT`;
    await admin.query(`${defaults} SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${login}, acgs_writer;
      ${defaults} SELECT ON TABLES TO acgs_reader; ${defaults} USAGE ON SEQUENCES TO ${login}, acgs_writer;
      ${defaults} EXECUTE ON FUNCTIONS TO ${login}, acgs_writer; ${defaults} ALL ON TABLES TO ${FRIEND};
      ${defaults} EXECUTE ON FUNCTIONS TO PUBLIC`);
  }
});
afterAll(() => database?.stop());

/** What logins may do and the table does not let them, or the other way round. */
async function differences(): Promise<unknown[]> {
  const ofHere = (name: string) => HERE.some(({ schema }) => name.startsWith(`${schema}.`));
  const tables = (await relations(admin)).filter(({ name, kind }) => kind !== "S" && ofHere(name));
  const functions = (await routines(admin)).filter(({ name }) => ofHere(name));
  const onTables = (await rows(
    admin,
    `SELECT login, name, verb, has_table_privilege(login, name, verb)
     FROM unnest($1::text[]) login, unnest($2::text[]) name, unnest($3::text[]) verb`,
    [[...LOGINS, FRIEND], tables.map(({ name }) => name), VERBS],
  )) as [string, string, string, boolean][];
  const onFunctions = (await rows(
    admin,
    `SELECT login, name, has_function_privilege(login, name, 'EXECUTE')
     FROM unnest($1::text[]) login, unnest($2::text[]) name`,
    [[...LOGINS, FRIEND], functions.map(({ signature }) => signature)],
  )) as [string, string, boolean][];
  expect(onTables.length + onFunctions.length).toBeGreaterThan(3_000);
  return [
    ...onTables.filter(([login, name, verb, may]) => may !== mayAll(login, verb, "TABLE", name)),
    ...onFunctions.filter(([login, name, may]) => may !== mayCall(login, name, null)),
  ];
}

test("comes to what the table says with its next update, partitions and unknown roles included", async () => {
  await database.apply();
  expect(await differences()).toEqual([]);
  expect(
    await rows(
      admin,
      `SELECT defaclnamespace::regnamespace::text FROM pg_default_acl, aclexplode(defaclacl) AS given
       WHERE given.grantee NOT IN (0, '${FRIEND}'::regrole, 'acgs_audit'::regrole, defaclrole)`,
    ),
  ).toEqual([]);
});

test("loses what was given by hand when a file of the schema next runs", async () => {
  await admin.query(`GRANT DELETE ON integrity.signatures TO integrity_service;
    GRANT UPDATE (password_hash) ON auth.users TO acgs_user; GRANT SELECT ON auth.sessions TO PUBLIC`);
  expect((await differences()).length).toBeGreaterThan(10);
  expect(await database.apply()).toEqual([]);
  await admin.query("DELETE FROM deploy.ledger WHERE file = 'R__storage.sql'");
  expect(await database.apply()).toEqual(
    HERE.flatMap(({ schema }) => ["storage", "privileges"].map((name) => `${schema}/R__${name}.sql`)),
  );
  expect(await differences()).toEqual([]);
});

import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AUDITOR, DATABASE, UPKEEP_ROLE, VAULT } from "../../../lib/names.ts";
import { VERBS } from "../../../components/roles/privileges/tableClasses.ts";
import { CLOSED_BUILT_INS } from "../../../components/roles/privileges/internalRoles.ts";
import { ROLES, settingsOf } from "../../../components/roles/roles.ts";
import { rows, type StackDatabase } from "../../../testing/sqlServer.ts";
import { relations, routines, startWhole } from "./database.ts";
import * as expected from "./expected.ts";

// What the server says of every login and every object, beside what the table of privileges says.

let database: StackDatabase;
let admin: pg.Client;

beforeAll(async () => {
  ({ database, admin } = await startWhole());
});
afterAll(() => database?.stop());

/** Compares answers of the server, [what, allowed], with the table's; at least so many, so that none is left out. */
function compare(
  answers: [string, ...string[]][],
  said: boolean[],
  wanted: (...what: string[]) => boolean,
  least: number,
): void {
  const wrong = answers.flatMap((what, i) => {
    const may = wanted(...what);
    return said[i] === may ? [] : [`${what.join(" ")}: the table says ${may}, the server ${said[i]}`];
  });
  expect(wrong).toEqual([]);
  expect(answers.length).toBeGreaterThan(least);
  console.log(`${answers.length} combinations, ${said.filter(Boolean).length} of them allowed`);
}

async function ask(query: string, values: unknown[]): Promise<[[string, ...string[]][], boolean[]]> {
  const found = (await rows(admin, query, values)) as [...string[], boolean][];
  return [
    found.map((row) => row.slice(0, -1) as [string, ...string[]]),
    found.map((row) => row.at(-1) as boolean),
  ];
}

describe("every login", () => {
  test("× table and view × verb", async () => {
    const all = (await relations(admin)).filter(({ kind }) => kind !== "S");
    const answers = await ask(
      `SELECT login, relation, verb, has_table_privilege(login, relation, verb)
       FROM unnest($1::text[]) login, unnest($2::text[]) relation, unnest($3::text[]) verb`,
      [expected.TRIED, all.map(({ name }) => name), VERBS],
    );
    compare(...answers, (login, table, verb) => expected.mayAll(login, verb, "TABLE", table), 12_000);
  });

  test("× column × verb that a column can be limited to", async () => {
    const all = (await relations(admin)).filter(({ kind }) => kind !== "S");
    const columns = all.flatMap(({ name, columns }) => columns.map((column) => [name, column.name] as const));
    const answers = await ask(
      `SELECT login, relation, attribute, verb, has_column_privilege(login, relation, attribute, verb)
       FROM unnest($1::text[]) login, unnest($2::text[], $3::text[]) AS c (relation, attribute), unnest($4::text[]) verb`,
      [
        expected.TRIED,
        columns.map(([table]) => table),
        columns.map(([, column]) => column),
        ["SELECT", "INSERT", "UPDATE", "REFERENCES"],
      ],
    );
    compare(
      ...answers,
      (login, table, column, verb) => expected.mayColumn(login, verb, table, column),
      80_000,
    );
  });

  test("× sequence × privilege", async () => {
    const all = (await relations(admin)).filter(({ kind }) => kind === "S");
    const answers = await ask(
      `SELECT login, relation, privilege, has_sequence_privilege(login, relation, privilege)
       FROM unnest($1::text[]) login, unnest($2::text[]) relation, unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) privilege`,
      [expected.TRIED, all.map(({ name }) => name)],
    );
    compare(...answers, (login, name, what) => expected.mayAll(login, what, "SEQUENCE", name), 400);
  });

  test("× function", async () => {
    const all = await routines(admin);
    const extension = new Map(all.map((routine) => [routine.signature, routine.extension]));
    const answers = await ask(
      `SELECT login, signature, has_function_privilege(login, signature, 'EXECUTE')
       FROM unnest($1::text[]) login, unnest($2::text[]) signature`,
      [expected.TRIED, all.map(({ signature }) => signature)],
    );
    compare(...answers, (login, name) => expected.mayCall(login, name, extension.get(name) ?? null), 2_000);
  });

  test("× schema, database and language", async () => {
    const schemas = await ask(
      `SELECT login, nspname, privilege, has_schema_privilege(login, nspname, privilege)
       FROM unnest($1::text[]) login, pg_namespace, unnest(ARRAY['USAGE', 'CREATE']) privilege
       WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg\\_temp%'
         AND nspname NOT LIKE 'pg\\_toast%'`,
      [expected.TRIED],
    );
    compare(
      ...schemas,
      (login, schema, what) => what === "USAGE" && expected.mayUseSchema(login, schema),
      380,
    );
    const databases = await ask(
      `SELECT login, datname, privilege, has_database_privilege(login, datname, privilege)
       FROM unnest($1::text[]) login, pg_database, unnest(ARRAY['CONNECT', 'CREATE', 'TEMP']) privilege
       WHERE datname IN ('postgres', 'template1', $2)`,
      [expected.TRIED, DATABASE],
    );
    compare(...databases, (login, name, what) => what === "CONNECT" && expected.mayConnect(login, name), 130);
    const languages = await ask(
      `SELECT login, lanname, has_language_privilege(login, lanname, 'USAGE')
       FROM unnest($1::text[]) login, pg_language WHERE lanpltrusted`,
      [expected.TRIED],
    );
    // In the others nobody but a superuser may write, whatever privilege they have.
    compare(...languages, (login, name) => expected.mayWriteIn(login, name), 25);
  });
});

describe("the table", () => {
  test("names nothing that is not there", async () => {
    // Granting on it would have failed; what this tells is that a partition is never named.
    const partitions = (await relations(admin)).filter(({ isPartition }) => isPartition);
    expect(partitions.length).toBeGreaterThan(60);
    for (const { name } of partitions) {
      for (const verb of VERBS)
        expect(expected.TRIED.some((l) => expected.mayAny(l, verb, name))).toBe(false);
    }
  });

  test("is all that roles are members of, and nobody can hand a role on", async () => {
    const wanted = Object.entries(ROLES).flatMap(([role, { roles }]) =>
      (roles ?? []).map((group) => `${role} in ${group}`),
    );
    const found = await rows(
      admin,
      `SELECT member.rolname || ' in ' || granted.rolname || CASE WHEN admin_option THEN ' with admin' ELSE '' END
       FROM pg_auth_members JOIN pg_roles member ON member.oid = member JOIN pg_roles granted ON granted.oid = roleid
       WHERE member.rolname NOT LIKE 'pg\\_%'`,
    );
    const internal = [
      ...["acgs_upkeep in acgs_owner", "acgs_upkeep in pg_read_all_stats"],
      "acgs_vault in pg_read_server_files",
    ];
    expect(found.sort()).toEqual([...wanted, ...internal].sort());
  });

  test("is all that roles are set to", async () => {
    const found = (await rows(
      admin,
      `SELECT rolname, coalesce(setconfig, '{}') FROM pg_roles LEFT JOIN pg_db_role_setting ON setrole = pg_roles.oid
       WHERE rolname LIKE 'acgs\\_%' OR rolname ~ '_service(_2)?$' OR rolname = 'pgbouncer'`,
    )) as [string, string[]][];
    const set = new Map(found.map(([role, settings]) => [role, [...settings].sort()]));
    const wanted = Object.fromEntries(
      [UPKEEP_ROLE, AUDITOR, VAULT, ...Object.keys(ROLES)].map((role) => [
        role,
        Object.entries(settingsOf(role))
          .map(([name, value]) => `${name}=${value}`)
          .sort(),
      ]),
    );
    expect(Object.fromEntries(set)).toEqual(wanted);
  });
});

describe("nobody but the owner", () => {
  test("owns anything, or has an attribute of a role beyond the log-in", async () => {
    expect(
      await rows(
        admin,
        `SELECT rolname || ' owns ' || what FROM pg_roles JOIN (
           SELECT relowner AS owner, oid::regclass::text AS what FROM pg_class
           UNION ALL SELECT proowner, oid::regprocedure::text FROM pg_proc
           UNION ALL SELECT nspowner, nspname FROM pg_namespace
           UNION ALL SELECT datdba, datname FROM pg_database
           UNION ALL SELECT typowner, oid::regtype::text FROM pg_type
         ) AS owned ON owned.owner = pg_roles.oid WHERE rolname NOT IN ('postgres', 'acgs_owner', 'pg_database_owner')
           AND NOT (rolname = 'acgs_vault' AND what LIKE 'vault.%')`,
      ),
    ).toEqual([]);
    expect(
      await rows(
        admin,
        `SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' AND rolname <> 'postgres'
         AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)`,
      ),
    ).toEqual([]);
  });

  test("can hand a privilege on", async () => {
    expect(
      await rows(
        admin,
        `SELECT what || ' by ' || grantee::regrole FROM (
           SELECT oid::regclass::text, relowner, (aclexplode(relacl)).* FROM pg_class
           UNION ALL SELECT attrelid::regclass::text, 0, (aclexplode(attacl)).* FROM pg_attribute
           UNION ALL SELECT oid::regprocedure::text, proowner, (aclexplode(proacl)).* FROM pg_proc
           UNION ALL SELECT nspname, nspowner, (aclexplode(nspacl)).* FROM pg_namespace
           UNION ALL SELECT datname, datdba, (aclexplode(datacl)).* FROM pg_database
         ) AS held (what, owner, grantor, grantee, privilege, is_grantable)
         WHERE is_grantable AND grantee <> owner AND grantee <> 'postgres'::regrole`,
      ),
    ).toEqual([]);
  });

  test("gets anything by default on what is made later", async () => {
    await admin.query("SET ROLE acgs_owner");
    await admin.query("CREATE TABLE dgm.later (x int); CREATE SEQUENCE dgm.later_seq");
    await admin.query("CREATE FUNCTION dgm.later() RETURNS int LANGUAGE sql RETURN 1");
    await admin.query("RESET ROLE");
    await admin.query("CREATE FUNCTION public.later() RETURNS int LANGUAGE sql RETURN 1");
    const [what, said] = await ask(
      `SELECT login, has_table_privilege(login, 'dgm.later', 'SELECT,INSERT,UPDATE,DELETE')
         OR has_sequence_privilege(login, 'dgm.later_seq', 'USAGE')
         OR has_function_privilege(login, 'dgm.later()', 'EXECUTE')
         OR has_function_privilege(login, 'public.later()', 'EXECUTE')
       FROM unnest($1::text[]) login`,
      [expected.TRIED],
    );
    expect(what.filter((_, i) => said[i])).toEqual([]);
  });
});

test("functions that run as their owner name their search_path, and those that leave large objects are closed", async () => {
  expect(
    await rows(
      admin,
      `SELECT oid::regprocedure::text FROM pg_proc WHERE prosecdef AND pronamespace <> 'pg_catalog'::regnamespace
       AND NOT coalesce(proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp']
       -- Event triggers of pgaudit, with a search_path of theirs.
       AND prorettype <> 'event_trigger'::regtype`,
    ),
  ).toEqual([]);
  for (const name of CLOSED_BUILT_INS) {
    const may = await rows(
      admin,
      `SELECT login FROM unnest($1::text[]) login WHERE has_function_privilege(login, 'pg_catalog.${name}', 'EXECUTE')`,
      [expected.TRIED],
    );
    expect(may).toEqual([]);
  }
});

import pg from "pg";
import { INTERNAL_SCHEMAS, schemaUsage } from "../../components/roles/privileges.ts";
import { INTERNAL_PRIVILEGES, OTHER_DATABASES } from "../../components/roles/privileges/internalRoles.ts";
import { ROLES, settingsOf } from "../../components/roles/roles.ts";
import {
  AUDITOR,
  CLIENT_GROUP,
  DATABASE,
  DEPLOYER,
  OWNER,
  REPLICATION_LOGIN,
  REWIND_LOGIN,
  SERVICES,
  SUPERUSER,
  UPKEEP_ROLE,
  VAULT,
} from "../../lib/names.ts";
import type { Drift } from "./driftReport.ts";

/** What Patroni makes, by its attributes beside those that every role has. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  [REPLICATION_LOGIN]: "LOGIN, REPLICATION",
  [REWIND_LOGIN]: "LOGIN",
};
/** Roles that SQL files make: what these are is not looked at. */
const OF_FILES: readonly string[] = [UPKEEP_ROLE, AUDITOR, VAULT];
const DECLARED: ReadonlySet<string> = new Set([
  ...Object.keys(ROLES),
  ...Object.keys(ATTRIBUTES),
  ...OF_FILES,
  DEPLOYER,
  SUPERUSER,
]);
const DATABASES: Readonly<Record<string, readonly string[]>> = {
  ...OTHER_DATABASES,
  [DATABASE]: [CLIENT_GROUP],
  template0: [],
};

/** What the server says of roles, databases and schemas. */
export interface RoleFacts {
  roles: { name: string; attributes: string }[];
  /** Of pg_db_role_setting; without a role for all, without a database in all. */
  settings: { role: string | null; database: string | null; name: string; value: string }[];
  memberships: { member: string; role: string }[];
  databases: string[];
  /** What others than the owner may do with schemas and databases; PUBLIC is a role here. */
  grants: { on: "SCHEMA" | "DATABASE"; object: string; role: string; privilege: string }[];
}

const ATTRIBUTE_WORDS = `concat_ws(', ', ${Object.entries({
  LOGIN: "rolcanlogin",
  SUPERUSER: "rolsuper",
  CREATEROLE: "rolcreaterole",
  CREATEDB: "rolcreatedb",
  REPLICATION: "rolreplication",
  BYPASSRLS: "rolbypassrls",
})
  .map(([word, column]) => `CASE WHEN ${column} THEN '${word}' END`)
  .join(", ")})`;

const QUERY = `
  SELECT
    (SELECT json_agg(json_build_object('name', rolname, 'attributes', ${ATTRIBUTE_WORDS}) ORDER BY rolname)
     FROM pg_roles WHERE rolname !~ '^pg_') AS roles,
    (SELECT coalesce(json_agg(json_build_object('role', r.rolname, 'database', d.datname,
       'name', split_part(setting, '=', 1), 'value', substr(setting, strpos(setting, '=') + 1)) ORDER BY setting), '[]')
     FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase,
       unnest(s.setconfig) AS setting) AS settings,
    (SELECT coalesce(json_agg(json_build_object('member', m.rolname, 'role', g.rolname) ORDER BY m.rolname, g.rolname), '[]')
     FROM pg_auth_members JOIN pg_roles m ON m.oid = member JOIN pg_roles g ON g.oid = roleid
     WHERE m.rolname !~ '^pg_') AS memberships,
    (SELECT json_agg(datname ORDER BY datname) FROM pg_database) AS databases,
    (SELECT coalesce(json_agg(json_build_object('on', kind, 'object', object, 'privilege', privilege_type,
       'role', CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END) ORDER BY kind, object, grantee, privilege_type), '[]')
     FROM (
       SELECT 'SCHEMA' AS kind, nspname AS object, nspowner AS owner, nspacl AS acl FROM pg_namespace
       WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
       UNION ALL
       SELECT 'DATABASE', datname, datdba, coalesce(datacl, acldefault('d', datdba)) FROM pg_database WHERE datname <> 'template0'
     ) AS object CROSS JOIN LATERAL aclexplode(acl) WHERE grantee <> owner) AS grants`;

export async function readRoleFacts(client: pg.Client): Promise<RoleFacts> {
  return (await client.query<RoleFacts>(QUERY)).rows[0]!;
}

/** Something about roles that differs, and what sets it back, where the stack may do that. */
export interface RoleDrift extends Drift {
  statements: string[];
}

/** What differs in what no resource stands for, or what its provider cannot read. */
export function driftOfRoles(facts: RoleFacts): RoleDrift[] {
  return [
    ...strangers(facts),
    ...attributes(facts),
    ...settings(facts),
    ...memberships(facts),
    ...grants(facts),
  ];
}

const id = (name: string) => (name === "PUBLIC" ? name : pg.escapeIdentifier(name));

function strangers({ roles, databases }: RoleFacts): RoleDrift[] {
  const left = { should: "not there", repaired: false, statements: [] };
  return [
    ...roles
      .filter(({ name }) => !DECLARED.has(name))
      .map(({ name, attributes: words }) => ({
        what: `role ${name}`,
        is: words === "" ? "there, and nobody declared it" : `there (${words}), and nobody declared it`,
        ...left,
        remedy:
          `up leaves it. ALTER ROLE ${id(name)} NOLOGIN NOSUPERUSER; stops it; to remove it: ` +
          `DROP OWNED BY ${id(name)}; in each database (it drops what the role owns), then DROP ROLE ${id(name)};`,
      })),
    ...databases
      .filter((name) => !(name in DATABASES))
      .map((name) => ({
        what: `database ${name}`,
        is: "there, and nobody declared it",
        ...left,
        remedy: `up leaves it. To remove it: DROP DATABASE ${id(name)};`,
      })),
  ];
}

/** Of Patroni's roles; those of the others are their providers'. */
function attributes({ roles }: RoleFacts): RoleDrift[] {
  return Object.entries(ATTRIBUTES).flatMap(([name, should]) => {
    const is = roles.find((role) => role.name === name)?.attributes;
    if (is === undefined || is === should) return [];
    const all = ["LOGIN", "SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS"];
    const own = should.split(", ");
    const wanted = all.map((word) => (own.includes(word) ? word : `NO${word}`)).join(" ");
    return [
      {
        ...{ what: `role ${name}`, is: is || "without attributes", should },
        ...setBack([`ALTER ROLE ${id(name)} ${wanted}`]),
      },
    ];
  });
}

const setBack = (statements: string[]) => ({ remedy: "up sets it back", repaired: true, statements });

/** A superuser's statements are logged with their texts (`sql/platform/R__audit.sql`). */
function settingsWanted(role: string): Record<string, string> {
  return role === SUPERUSER ? { "pgaudit.log_statement": "on" } : settingsOf(role);
}

function settings({ roles, settings: found }: RoleFacts): RoleDrift[] {
  const declared = roles.map(({ name }) => name).filter((name) => DECLARED.has(name));
  const drift = declared.flatMap((role) => {
    const own = found.filter((one) => one.role === role && one.database === null);
    const is = new Map(own.map(({ name, value }) => [name, value]));
    const wanted = new Map(Object.entries(settingsWanted(role)));
    return [...new Set([...is.keys(), ...wanted.keys()])]
      .filter((name) => !sameSetting(is.get(name), wanted.get(name)))
      .map((name) => setting(`ROLE ${id(role)}`, `role ${role}`, name, is.get(name), wanted.get(name)));
  });
  // A role's settings in one database are the operator's (docs/connecting.md).
  const ofDatabases = found.filter(
    ({ role, database }) => role === null && database !== null && database in DATABASES,
  );
  return [
    ...drift,
    ...ofDatabases.map(({ database, name, value }) =>
      setting(`DATABASE ${id(database!)}`, `database ${database}`, name, value, undefined),
    ),
    ...found
      .filter(({ role, database }) => role === null && database === null)
      .map(({ name, value }) => setting("ROLE ALL", "all roles", name, value, undefined)),
  ];
}

/** A number is a time in ms. */
function sameSetting(is: string | undefined, wanted: string | undefined): boolean {
  return is === wanted || (is !== undefined && wanted !== undefined && inMs(is) === inMs(wanted));
}

function inMs(value: string): string {
  const [, number, unit = ""] = /^(\d+)(ms|s|min|h|d)?$/.exec(value) ?? [];
  const factor = { "": 1, ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  return number === undefined || factor === undefined ? value : String(Number(number) * factor);
}

function setting(where: string, what: string, name: string, is?: string, should?: string) {
  const parameter = name.split(".").map(id).join(".");
  const change =
    should === undefined ? `RESET ${parameter}` : `SET ${parameter} = ${pg.escapeLiteral(should)}`;
  return {
    what: `setting ${name} of ${what}`,
    is: is ?? "not set",
    should: should ?? "not set",
    ...setBack([`ALTER ${where} ${change}`]),
  };
}

/** Of roles whose memberships are no resource's and no file's. */
function memberships({ memberships: found }: RoleFacts): RoleDrift[] {
  const others = [...Object.keys(ATTRIBUTES), DEPLOYER, SUPERUSER];
  return found
    .filter(({ member, role }) => others.includes(member) && !(member === DEPLOYER && role === OWNER))
    .map(({ member, role }) => ({
      what: `membership of ${member} in ${role}`,
      is: "there",
      should: "not there",
      ...setBack([`REVOKE ${id(role)} FROM ${id(member)}`]),
    }));
}

/** What the table of privileges has not; what it has and is not there, the provider or its file gives again. */
function grants({ grants: found }: RoleFacts): RoleDrift[] {
  const usage = new Map<string, readonly string[]>([
    ...INTERNAL_SCHEMAS.map((schema) => [schema, []] as const),
    ...Object.entries(INTERNAL_PRIVILEGES).map(([schema, one]) => [schema, one.usage] as const),
    ...SERVICES.map(
      ({ schema }) =>
        [
          schema,
          schemaUsage(SERVICES)
            .filter((one) => one.schema === schema)
            .map(({ role }) => role),
        ] as const,
    ),
  ]);
  const wanted = ({ on, object }: RoleFacts["grants"][number]) =>
    on === "SCHEMA" ? usage.get(object) : DATABASES[object];
  return found
    .filter((one) => {
      const roles = wanted(one);
      const privilege = one.on === "SCHEMA" ? "USAGE" : "CONNECT";
      // What is on an object that nobody declared, is told with it.
      return roles && !(roles.includes(one.role) && one.privilege === privilege);
    })
    .map(({ on, object, role, privilege }) => ({
      what: `privilege ${privilege} of ${role} on ${on.toLowerCase()} ${object}`,
      is: "there",
      should: "not there",
      ...setBack([`REVOKE ${privilege} ON ${on} ${id(object)} FROM ${id(role)}`]),
    }));
}

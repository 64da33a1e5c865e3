import { AUDITOR, OWNER, type ServiceSchema } from "../../../lib/names.ts";
import { ROLE_SETTINGS, ROLES } from "../roles.ts";
import { type Grant, internalGrants, roleOf, serviceGrants } from "./grants.ts";
import { PARTIES } from "./tableClasses.ts";
import {
  AUDITED,
  BUILT_IN_CALLERS,
  CLOSED_BUILT_INS,
  EXTENSION_CALLERS,
  LANGUAGES,
  INTERNAL_PRIVILEGES,
  OTHER_DATABASES,
} from "./internalRoles.ts";

/** The file's name in each folder below `sql/`. */
export const PRIVILEGES_FILE = "R__privileges.sql";

const MADE = `-- Made from components/roles/privileges by \`npm run privileges\`; do not edit.
-- First everything is taken from everybody, then given as the table has it: in one transaction, so that nobody sees the
-- state between. Runs after all other files of this folder, and again whenever one of them did: what is dropped and made
-- anew has lost its privileges, and default privileges give nobody anything. Partitions stay closed: who reads or writes
-- them goes through the table above.
`;

/** Everybody who may hold anything on a schema; the owner of most keeps its own rights. */
const GRANTEES = ["PUBLIC", ...Object.keys(ROLES).filter((role) => role !== OWNER)];

/** The SQL that brings the privileges of a service's schema to what the table says. Runs as the owner. */
export function serviceSql(schema: ServiceSchema): string {
  const parties = PARTIES.map((party) => roleOf(party, schema)).join(", ");
  return [
    `-- acgs: last\n${MADE}`,
    // Stacks of before had default privileges, which the engine takes away only after this.
    ...["TABLES", "SEQUENCES", "FUNCTIONS"].map(
      (kind) => `ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} REVOKE ALL ON ${kind} FROM ${parties};`,
    ),
    "",
    withdraw(schema),
    "",
    ...grantStatements(serviceGrants(schema)),
    ...auditSql(schema),
    "",
  ].join("\n");
}

/** The same for what all schemas share, internal accounts, extensions, and the settings of roles. Runs as the superuser. */
export function platformSql(): string {
  const schemas = Object.keys(INTERNAL_PRIVILEGES);
  return [
    `-- acgs: last\n-- acgs: role=superuser\n${MADE}`,
    ...schemas.flatMap((schema) => [
      `REVOKE ALL ON SCHEMA ${schema} FROM ${GRANTEES.join(", ")};`,
      withdraw(schema),
      ...grantStatements(internalGrants(schema)),
      "",
    ]),
    ...extensionSql(),
    "",
    ...Object.entries(LANGUAGES).flatMap(([language, roles]) => [
      `REVOKE ALL ON LANGUAGE ${language} FROM PUBLIC;`,
      `GRANT USAGE ON LANGUAGE ${language} TO ${roles.join(", ")};`,
    ]),
    ...Object.entries(BUILT_IN_CALLERS).map(
      ([signature, roles]) => `GRANT EXECUTE ON FUNCTION pg_catalog.${signature} TO ${roles.join(", ")};`,
    ),
    `REVOKE ALL ON FUNCTION ${CLOSED_BUILT_INS.map((f) => `pg_catalog.${f}`).join(", ")} FROM PUBLIC;`,
    "",
    ...Object.keys(OTHER_DATABASES).map((name) => `REVOKE ALL ON DATABASE ${name} FROM PUBLIC;`),
    ...Object.entries(OTHER_DATABASES).flatMap(([name, roles]) =>
      roles.map((role) => connectSql(name, role)),
    ),
    "",
    ...Object.entries(ROLE_SETTINGS).flatMap(([role, settings]) =>
      Object.entries(settings).map(([name, value]) => `ALTER ROLE ${role} SET ${name} = '${value}';`),
    ),
    "",
  ].join("\n");
}

/** Default privileges reach partitions that are made later: a statement on a partition itself is looked up there. */
function auditSql(schema: ServiceSchema): string[] {
  const verbs = AUDITED[schema]?.join(", ");
  return verbs === undefined
    ? []
    : [
        "",
        `GRANT ${verbs} ON ALL TABLES IN SCHEMA ${schema} TO ${AUDITOR};`,
        `ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT ${verbs} ON TABLES TO ${AUDITOR};`,
      ];
}

/** In a file of the owner, only what it owns: that is everything in a service's schema. */
function withdraw(schema: string): string {
  return `SELECT platform.withdraw_privileges('${schema}');`;
}

/** Grants of the same things to several roles are one statement, and those of several things to the same too. */
function grantStatements(grants: readonly Grant[]): string[] {
  const held = groupBy(grants, ({ on, object, role }) => `${on} ${object} TO ${role}`);
  const alike = groupBy([...held.values()], (same) => {
    const privileges = same.map(({ privilege, columns }) =>
      columns ? `${privilege} (\n    ${columns.join(", ")}\n)` : privilege,
    );
    return `GRANT ${privileges.join(", ")} ON ${same[0]!.on} ${same[0]!.object}`;
  });
  return [...alike].map(([grant, roles]) => `${grant} TO ${roles.map(([first]) => first!.role).join(", ")};`);
}

function extensionSql(): string[] {
  const alike = groupBy(Object.entries(EXTENSION_CALLERS), ([, roles]) => roles.join(", "));
  return [...alike].map(
    ([roles, extensions]) => `DO $$
DECLARE
    routine regprocedure;
BEGIN
    FOR routine IN
        SELECT member.objid::regprocedure
        FROM pg_depend AS member INNER JOIN pg_extension AS extension ON member.refobjid = extension.oid
        WHERE member.refclassid = 'pg_extension'::regclass AND member.classid = 'pg_proc'::regclass
            AND member.deptype = 'e' AND extension.extname IN (${extensions.map(([name]) => `'${name}'`).join(", ")})
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO ${roles}', routine);
    END LOOP;
END
$$;`,
  );
}

/** Patroni makes its logins: a server of a test has none. */
function connectSql(database: string, role: string): string {
  return `DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
        GRANT CONNECT ON DATABASE ${database} TO ${role};
    END IF;
END
$$;`;
}

/** Those with the same key together, in the order in which the keys first come. */
function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

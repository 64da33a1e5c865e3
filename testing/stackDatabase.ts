import { randomBytes } from "node:crypto";
import { DATABASE, OWNER, type Service } from "../lib/names.ts";
import { DEFAULT_PRIVILEGES, INTERNAL_SCHEMAS, schemaUsage } from "../components/roles/privileges.ts";
import { LOGINS, ROLES, settingsOf } from "../components/roles/roles.ts";

/** A password for each login of the stack. */
export function loginPasswords(): Map<string, string> {
  return new Map(LOGINS.map((role) => [role, randomBytes(12).toString("hex")]));
}

/** Makes roles and database as `components/roles` does, from the same declarations. Run in any database. */
export function serverStatements(passwords: ReadonlyMap<string, string>): string[] {
  const roles = Object.entries(ROLES).flatMap(([role, settings]) => [
    settings.login ? `CREATE ROLE ${role} LOGIN PASSWORD '${passwords.get(role)}'` : `CREATE ROLE ${role}`,
    ...(settings.roles ?? []).map((group) => `GRANT ${group} TO ${role}`),
    ...Object.entries(settingsOf(role)).map(([name, value]) => `ALTER ROLE ${role} SET ${name} = '${value}'`),
  ]);
  return [
    ...roles,
    `CREATE DATABASE ${DATABASE} OWNER ${OWNER} TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'`,
    `REVOKE ALL ON DATABASE ${DATABASE} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${DATABASE} TO acgs_client`,
  ];
}

/** Makes schemas and default privileges. Run in the stack's database. */
export function accessStatements(services: readonly Service[]): string[] {
  const schemas = [...INTERNAL_SCHEMAS, ...services.map(({ schema }) => schema)];
  return [
    ...DEFAULT_PRIVILEGES.map(
      ({ owner, role, objectType }) =>
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} REVOKE ALL ON ${objectType.toUpperCase()}S FROM ${role}`,
    ),
    ...schemas.map((schema) => `CREATE SCHEMA ${schema} AUTHORIZATION ${OWNER}`),
    ...schemaUsage(services).map(({ role, schema }) => `GRANT USAGE ON SCHEMA ${schema} TO ${role}`),
  ];
}

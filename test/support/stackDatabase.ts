import { randomBytes } from "node:crypto";
import { DATABASE, OWNER, type Service } from "../../components/access/logins.ts";
import {
  defaultPrivileges,
  EXTENSIONS,
  MACHINERY_SCHEMAS,
  ROLES,
  schemaUsage,
} from "../../components/access/privileges.ts";

/** A password for each login of the stack. */
export function loginPasswords(): Map<string, string> {
  const logins = Object.entries(ROLES).filter(([, { login }]) => login === true);
  return new Map(logins.map(([role]) => [role, randomBytes(12).toString("hex")]));
}

/** Makes roles and database as `components/access` does, from the same declarations. Run in any database. */
export function serverStatements(passwords: ReadonlyMap<string, string>): string[] {
  const roles = Object.entries(ROLES).flatMap(([role, { login, roles: groups }]) => [
    login ? `CREATE ROLE ${role} LOGIN PASSWORD '${passwords.get(role)}'` : `CREATE ROLE ${role}`,
    ...((groups as string[] | undefined) ?? []).map((group) => `GRANT ${group} TO ${role}`),
  ]);
  return [
    ...roles,
    `CREATE DATABASE ${DATABASE} OWNER ${OWNER} TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'`,
    `REVOKE ALL ON DATABASE ${DATABASE} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${DATABASE} TO acgs_client`,
  ];
}

/** Makes schemas, extensions and default privileges. Run in the stack's database. */
export function accessStatements(services: readonly Service[]): string[] {
  const schemas = [...MACHINERY_SCHEMAS, ...services.map(({ schema }) => schema)];
  return [
    ...schemas.map((schema) => `CREATE SCHEMA ${schema} AUTHORIZATION ${OWNER}`),
    ...Object.entries(EXTENSIONS).map(
      ([extension, schema]) => `CREATE EXTENSION "${extension}"${schema ? ` SCHEMA ${schema}` : ""}`,
    ),
    ...schemaUsage(services).map(({ role, schema }) => `GRANT USAGE ON SCHEMA ${schema} TO ${role}`),
    ...defaultPrivileges(services).map(({ role, schema, objectType, privileges }) => {
      const head = `ALTER DEFAULT PRIVILEGES FOR ROLE ${OWNER}${schema ? ` IN SCHEMA ${schema}` : ""}`;
      const kind = `${objectType.toUpperCase()}S`;
      return privileges.length > 0
        ? `${head} GRANT ${privileges.join(", ")} ON ${kind} TO ${role}`
        : `${head} REVOKE ALL ON ${kind} FROM ${role}`;
    }),
  ];
}

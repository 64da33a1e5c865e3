import { CLIENT_GROUP, DATABASE, type ServiceSchema, SERVICE_SCHEMAS, SERVICES } from "../../../lib/names.ts";
import { schemaUsage } from "../../../components/roles/privileges.ts";
import { internalGrants, serviceGrants, type Grant } from "../../../components/roles/privileges/grants.ts";
import {
  EXTENSION_CALLERS,
  LANGUAGES,
  INTERNAL_PRIVILEGES,
  OTHER_DATABASES,
} from "../../../components/roles/privileges/internalRoles.ts";
import { LOGINS, rolesOf } from "../../../components/roles/roles.ts";

/** A role that the test makes: what it may do, everybody may. */
export const OUTSIDER = "an_outsider";

/** Logins that Patroni makes on a stack: here the test does. */
export const PATRONI_LOGINS = ["replicator", "rewind"] as const;

/** All that are tried. */
export const TRIED: readonly string[] = [...LOGINS, ...PATRONI_LOGINS, OUTSIDER];

const GRANTS: readonly Grant[] = [
  ...SERVICE_SCHEMAS.flatMap((schema: ServiceSchema) => serviceGrants(schema)),
  ...Object.keys(INTERNAL_PRIVILEGES).flatMap(internalGrants),
  ...schemaUsage(SERVICES).map(({ role, schema }): Grant => ({
    on: "SCHEMA",
    object: schema,
    privilege: "USAGE",
    role,
  })),
];

/** What a login holds: on the whole object, or which columns of it. */
const HELD = new Map<string, "all" | Set<string>>();
for (const login of TRIED) {
  const roles = new Set(rolesOf(login));
  for (const { on, object, privilege, columns, role } of GRANTS) {
    if (!roles.has(role)) continue;
    const key = `${login} ${privilege} ${on} ${object}`;
    const before = HELD.get(key);
    if (!columns || before === "all") HELD.set(key, "all");
    else HELD.set(key, new Set([...(before ?? []), ...columns]));
  }
}

/** Whether the table lets a login do something with an object; for tables, with the whole of it. */
export function mayAll(login: string, privilege: string, on: Grant["on"], object: string): boolean {
  return HELD.get(`${login} ${privilege} ${on} ${object}`) === "all";
}

/** The same for one column. */
export function mayColumn(login: string, privilege: string, table: string, column: string): boolean {
  const held = HELD.get(`${login} ${privilege} TABLE ${table}`);
  return held === "all" || (held?.has(column) ?? false);
}

/** Whether it may on any column at all: what a statement that names none needs. */
export function mayAny(login: string, privilege: string, table: string): boolean {
  return HELD.has(`${login} ${privilege} TABLE ${table}`);
}

export function mayUseSchema(login: string, schema: string): boolean {
  return HELD.has(`${login} USAGE SCHEMA ${schema}`);
}

/** @param extension  that the function belongs to, if any */
export function mayCall(login: string, signature: string, extension: string | null): boolean {
  const roles = rolesOf(login);
  return (
    HELD.has(`${login} EXECUTE FUNCTION ${signature}`) ||
    (extension !== null && (EXTENSION_CALLERS[extension] ?? []).some((role) => roles.includes(role)))
  );
}

export function mayConnect(login: string, database: string): boolean {
  const roles = rolesOf(login);
  const allowed = database === DATABASE ? [CLIENT_GROUP] : (OTHER_DATABASES[database] ?? []);
  return allowed.some((role) => roles.includes(role));
}

export function mayWriteIn(login: string, language: string): boolean {
  return (LANGUAGES[language] ?? []).some((role) => rolesOf(login).includes(role));
}

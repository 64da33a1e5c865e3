import type { RoleArgs } from "@pulumi/postgresql";
import {
  APPLICATION_LOGIN,
  CLIENT_GROUP,
  MONITOR_LOGIN,
  OWNER,
  POOLER_LOGIN,
  READER_GROUP,
  READONLY_LOGIN,
  SERVICES,
  WRITER_GROUP,
  type Service,
} from "./logins.ts";

/** Timeouts in ms: a login that hangs must not hold the connections and locks of the others. */
const CLIENT: RoleArgs = {
  login: true,
  statementTimeout: 30_000,
  idleInTransactionSessionTimeout: 60_000,
};
const GROUP: RoleArgs = { login: false };

/** The roles of the stack by name; those that log in get a password. Groups come before their members. */
export const ROLES: Readonly<Record<string, RoleArgs>> = {
  [OWNER]: GROUP,
  [CLIENT_GROUP]: GROUP,
  [READER_GROUP]: GROUP,
  [WRITER_GROUP]: GROUP,
  [APPLICATION_LOGIN]: { ...CLIENT, roles: [CLIENT_GROUP, WRITER_GROUP] },
  ...Object.fromEntries(SERVICES.map(({ login }) => [login, { ...CLIENT, roles: [CLIENT_GROUP] }])),
  [READONLY_LOGIN]: { ...CLIENT, roles: [CLIENT_GROUP, READER_GROUP] },
  [MONITOR_LOGIN]: { ...CLIENT, roles: [CLIENT_GROUP, READER_GROUP, "pg_monitor"] },
  [POOLER_LOGIN]: { ...CLIENT, roles: [CLIENT_GROUP] },
};

/** Schemas that hold no service's tables: the ledger of SQL files. */
export const MACHINERY_SCHEMAS = ["deploy"] as const;

/** Extensions by the schema that holds their objects. pg_cron brings its own schema. */
export const EXTENSIONS: Readonly<Record<string, string | undefined>> = {
  pg_stat_statements: "public",
  pgcrypto: "public",
  pg_trgm: "public",
  "uuid-ossp": "public",
  pg_cron: undefined,
  pgaudit: "public",
};

/** Who may look into which schema: a service into its own, the groups into every service's. */
export function schemaUsage(services: readonly Service[]): { role: string; schema: string }[] {
  return services.flatMap(({ login, schema }) =>
    [login, READER_GROUP, WRITER_GROUP].map((role) => ({ role, schema })),
  );
}

/** What one role gets on each object of a kind that {@link OWNER} creates; an empty list takes PostgreSQL's own default away. */
export interface DefaultPrivilege {
  role: string;
  /** All schemas when left out. */
  schema?: string;
  objectType: "table" | "sequence" | "function";
  privileges: string[];
}

const READ = ["SELECT"];
const WRITE = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/**
 * What roles get on each object that {@link OWNER} will create. Default privileges, because grants on the
 * parents of partitions never settle in this provider; usage of a schema decides who reaches them.
 */
export function defaultPrivileges(services: readonly Service[]): DefaultPrivilege[] {
  const writing = (role: string, schema: string): DefaultPrivilege[] => [
    { role, schema, objectType: "table", privileges: WRITE },
    { role, schema, objectType: "sequence", privileges: ["USAGE"] },
    { role, schema, objectType: "function", privileges: ["EXECUTE"] },
  ];
  return [
    // PostgreSQL lets everybody execute a new function unless told otherwise.
    { role: "public", objectType: "function", privileges: [] },
    ...services.flatMap(({ login, schema }) => [
      ...writing(login, schema),
      ...writing(WRITER_GROUP, schema),
      { role: READER_GROUP, schema, objectType: "table" as const, privileges: READ },
    ]),
  ];
}

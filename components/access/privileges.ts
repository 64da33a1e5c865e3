import { OWNER, READER_GROUP, SUPERUSER, WRITER_GROUP, type Service } from "./logins.ts";

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

/** What one role gets on each object of a kind that `owner` creates; an empty list takes PostgreSQL's own default away. */
export interface DefaultPrivilege {
  owner: string;
  role: string;
  objectType: "function";
  privileges: string[];
}

/**
 * What roles get on each object that is created later: nothing. PostgreSQL lets everybody execute a new function, of
 * an extension too, unless told otherwise; what anyone may do is granted object by object, as `privileges/` says.
 */
export const DEFAULT_PRIVILEGES: readonly DefaultPrivilege[] = [OWNER, SUPERUSER].map((owner) => ({
  owner,
  role: "public",
  objectType: "function",
  privileges: [],
}));

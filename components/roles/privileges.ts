import { OWNER, READER_GROUP, WRITER_GROUP, type Service } from "../../lib/names.ts";

/** Schemas that hold no service's tables: the ledger of SQL files. */
export const INTERNAL_SCHEMAS = ["deploy"] as const;

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
 * What roles get on each object that is created later: nothing. PostgreSQL lets everybody execute a new function unless
 * told otherwise; what anyone may do is granted object by object, as `privileges/` says. For what the superuser creates,
 * extensions for example, `sql/platform/V004__extensions.sql` says the same.
 */
export const DEFAULT_PRIVILEGES: readonly DefaultPrivilege[] = [
  { owner: OWNER, role: "public", objectType: "function", privileges: [] },
];

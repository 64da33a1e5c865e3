import { READER_GROUP, type ServiceSchema, WRITER_GROUP } from "../../../lib/names.ts";
import { PARTIES, type Party, rightsOn, type Right } from "./tableClasses.ts";
import { INTERNAL_PRIVILEGES } from "./internalRoles.ts";
import { SERVICE_PRIVILEGES } from "./services.ts";

/** One privilege that a role holds on an object. */
export interface Grant {
  readonly on: "TABLE" | "SEQUENCE" | "FUNCTION" | "SCHEMA";
  /** With its schema, functions with the types of their arguments; a schema's own name. Needs no quotes. */
  readonly object: string;
  /** Such as SELECT, USAGE or EXECUTE. */
  readonly privilege: string;
  /** Those that it is limited to. */
  readonly columns?: readonly string[];
  readonly role: string;
}

/** The role that a party is in a service's schema. */
export function roleOf(party: Party, schema: ServiceSchema): string {
  return { service: `${schema}_service`, application: WRITER_GROUP, reader: READER_GROUP }[party];
}

/** All that anyone but the owner may do with the tables, sequences and functions of a service's schema. */
export function serviceGrants(schema: ServiceSchema): Grant[] {
  const { tables, functions } = SERVICE_PRIVILEGES[schema];
  const onTables = Object.entries(tables).flatMap(([table, entry]) =>
    PARTIES.flatMap((party) => {
      const role = roleOf(party, schema);
      const rights = rightsOn(entry, party);
      const inserts = rights.some(({ verb }) => verb === "INSERT");
      return [
        ...rights.map((right) => tableGrant(`${schema}.${table}`, role, right)),
        ...(entry.sequence && inserts
          ? [{ on: "SEQUENCE", object: `${schema}.${entry.sequence}`, privilege: "USAGE", role } as const]
          : []),
      ];
    }),
  );
  const onFunctions = functions.flatMap(({ signature, callers }) =>
    callers.map((party) => execute(`${schema}.${signature}`, roleOf(party, schema))),
  );
  return [...onTables, ...onFunctions];
}

/** The same for a schema of internal accounts, with the usage of the schema itself. */
export function internalGrants(schema: string): Grant[] {
  const { usage, readers, callers } = INTERNAL_PRIVILEGES[schema]!;
  return [
    ...usage.map((role): Grant => ({ on: "SCHEMA", object: schema, privilege: "USAGE", role })),
    ...Object.entries(readers).flatMap(([relation, roles]) =>
      roles.map((role) => tableGrant(`${schema}.${relation}`, role, { verb: "SELECT" })),
    ),
    ...Object.entries(callers).flatMap(([signature, roles]) =>
      roles.map((role) => execute(`${schema}.${signature}`, role)),
    ),
  ];
}

function tableGrant(object: string, role: string, { verb, columns }: Right): Grant {
  return { on: "TABLE", object, privilege: verb, ...(columns && { columns }), role };
}

function execute(object: string, role: string): Grant {
  return { on: "FUNCTION", object, privilege: "EXECUTE", role };
}

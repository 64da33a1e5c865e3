import { randomBytes } from "node:crypto";
import type pg from "pg";
import { SERVICE_SCHEMAS } from "../../../lib/names.ts";
import { rows, startStackDatabase, type StackDatabase } from "../../../testing/sqlServer.ts";
import { OUTSIDER, PATRONI_LOGINS } from "./expected.ts";

/** Everything that is deployed, with the logins that Patroni would have made and one that nobody has granted anything. */
export async function startWhole(): Promise<{ database: StackDatabase; admin: pg.Client }> {
  const database = await startStackDatabase(...SERVICE_SCHEMAS);
  const admin = await database.connect();
  for (const login of [...PATRONI_LOGINS, OUTSIDER]) {
    await admin.query(`CREATE ROLE ${login} LOGIN PASSWORD '${randomBytes(12).toString("hex")}'`);
  }
  await database.apply();
  return { database, admin };
}

/** A table, view or sequence outside PostgreSQL's own schemas. */
export interface Relation {
  name: string;
  /** As `pg_class.relkind` has it. */
  kind: string;
  isPartition: boolean;
  columns: { name: string; type: string; writable: boolean }[];
}

const OURS = "NOT IN ('pg_catalog', 'information_schema', 'pg_toast')";

export async function relations(admin: pg.Client): Promise<Relation[]> {
  const found = (await rows(
    admin,
    `SELECT format('%I.%I', n.nspname, c.relname), c.relkind, c.relispartition, coalesce(jsonb_agg(jsonb_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'writable', a.attgenerated = '' AND a.attidentity <> 'a') ORDER BY a.attnum) FILTER (WHERE a.attnum > 0), '[]')
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE n.nspname ${OURS} AND n.nspname NOT LIKE 'pg\\_%' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
     GROUP BY c.oid, n.nspname ORDER BY 1`,
  )) as [string, string, boolean, Relation["columns"]][];
  return found.map(([name, kind, isPartition, columns]) => ({ name, kind, isPartition, columns }));
}

/** A function outside PostgreSQL's own schemas. */
export interface Routine {
  /** As `components/roles/privileges` writes it: with the schema, and types as they are in catalogues. */
  signature: string;
  name: string;
  arguments: string[];
  extension: string | null;
  returnsTrigger: boolean;
  isProcedure: boolean;
}

export async function routines(admin: pg.Client): Promise<Routine[]> {
  const found = (await rows(
    admin,
    `SELECT n.nspname || '.' || p.proname, coalesce(types.names, '{}'), e.extname, p.prorettype = 'trigger'::regtype, p.prokind = 'p'
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     LEFT JOIN LATERAL (
       SELECT array_agg(format_type(t.oid, NULL) ORDER BY t.place) AS names
       FROM unnest(p.proargtypes) WITH ORDINALITY AS t (oid, place)
     ) AS types ON true
     LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
     LEFT JOIN pg_extension e ON e.oid = d.refobjid
     WHERE n.nspname ${OURS} ORDER BY 1, 2`,
  )) as [string, string[], string | null, boolean, boolean][];
  return found.map(([name, types, extension, returnsTrigger, isProcedure]) => ({
    ...{ name, arguments: types, extension, returnsTrigger, isProcedure },
    signature: `${name}(${types.join(", ")})`,
  }));
}

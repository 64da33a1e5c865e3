import { UserError } from "../../lib/errors.ts";
import { AC_TABLES } from "./ac.ts";
import { AUTH_TABLES } from "./auth.ts";
import type { TableData } from "./dataset.ts";
import { DGM_TABLES } from "./dgm.ts";
import { EC_TABLES } from "./ec.ts";
import { FV_TABLES } from "./fv.ts";
import { GS_TABLES } from "./gs.ts";
import { INTEGRITY_TABLES } from "./integrity.ts";
import { PGC_TABLES } from "./pgc.ts";

/** All tables that are filled, each after those it references. */
export const TABLES: readonly TableData[] = [
  ...[...AUTH_TABLES, ...AC_TABLES, ...INTEGRITY_TABLES, ...FV_TABLES],
  ...[...GS_TABLES, ...PGC_TABLES, ...EC_TABLES, ...DGM_TABLES],
];

/** `dgm` of `dgm.dgm_archive`. */
export const schemaOf = (table: { name: string }): string => table.name.slice(0, table.name.indexOf("."));

/** The service that may write a table. */
export const loginOf = (table: { name: string }): string => `${schemaOf(table)}_service`;

/** The tables of these names, and those they reference. @throws Fault for a name that is none */
export function selectTables(names: readonly string[] | undefined): readonly TableData[] {
  if (!names) return TABLES;
  const unknown = names.filter((name) => !TABLES.some((table) => table.name === name));
  if (unknown.length > 0) {
    throw new UserError(
      `There is no table ${unknown.join(", ")}; there are ${TABLES.map(({ name }) => name).join(", ")}.`,
    );
  }
  const wanted = new Set(names);
  for (const table of TABLES.toReversed()) {
    if (wanted.has(table.name)) for (const needed of table.needs ?? []) wanted.add(needed);
  }
  return TABLES.filter((table) => wanted.has(table.name));
}

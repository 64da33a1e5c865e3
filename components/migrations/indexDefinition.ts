import pg from "pg";
import { qualified } from "./catalogue.ts";
import type { FoundIndex, Relation } from "./catalogue.ts";
import type { IndexStatement } from "./indexStatement.ts";
import type { RunContext } from "./runContext.ts";
import type { FailedStatement } from "./runStatement.ts";
import { together } from "../../lib/postgres/session.ts";

/**
 * Makes sure that an index that is there already is the one that the file describes: `IF NOT EXISTS` alone
 * would pass over a changed definition in silence. The server itself tells how it writes the definition down,
 * on an empty temporary copy of the table, in a transaction that is rolled back.
 *
 * @throws Error that names both definitions and the way out
 */
export async function checkDefinition(
  { client, retry }: RunContext,
  index: IndexStatement,
  table: Relation,
  found: FoundIndex,
): Promise<void> {
  const probe = `pg_temp.${pg.escapeIdentifier(table.name)}`;
  const head = [
    "BEGIN",
    `SET LOCAL lock_timeout = ${retry.lockTimeoutMs}`,
    // The owner of the table may lack the right to make temporary tables. The rollback restores the role.
    "RESET ROLE",
    `CREATE TEMP TABLE ${pg.escapeIdentifier(table.name)} (LIKE ${qualified(table)})`,
    `CREATE ${index.unique ? "UNIQUE " : ""}INDEX acgs_probe ON ${probe} `,
  ].join("; ");
  const text =
    `${head}${index.definition}\n; SELECT pg_catalog.pg_get_indexdef('pg_temp.acgs_probe'::regclass) AS wanted, ` +
    `pg_catalog.pg_get_indexdef(${Number(found.oid)}::oid) AS found`;
  let row: { wanted: string; found: string } | undefined;
  try {
    // Several statements in one message give several results, which the types do not know.
    const [results] = (await together(client, text, "ROLLBACK")) as unknown as [pg.QueryResult[]];
    row = results.at(-1)?.rows[0] as typeof row;
  } catch (error) {
    const sent = { text, pieceStart: head.length, fileOffset: index.definitionStart };
    throw Object.assign(error as FailedStatement, { sent });
  }
  if (!row || essence(row.wanted) === essence(row.found)) return;
  throw new Error(
    `index ${found.schema}.${found.name} is there with another definition: ${essence(row.found)}; the file says ` +
      `${essence(row.wanted)}. Give the new index a name of its own, and drop the old one in a later statement`,
  );
}

/** A definition without the names of index and table. */
function essence(definition: string): string {
  const unique = definition.startsWith("CREATE UNIQUE ") ? "UNIQUE " : "";
  return unique + definition.slice(definition.indexOf(" USING ") + 1);
}

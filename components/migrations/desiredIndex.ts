import pg from "pg";
import { findIndex, qualified } from "./catalogue.ts";
import type { FoundIndex, Relation } from "./catalogue.ts";
import type { IndexStatement } from "./indexStatement.ts";
import { indexOn } from "./indexStatement.ts";
import type { RunContext } from "./runContext.ts";
import { runStatement } from "./runStatement.ts";
import type { FailedStatement } from "./runStatement.ts";
import { together } from "../../lib/postgres/session.ts";
import { sqlName } from "./statementLocks.ts";
import type { SentText } from "./sqlFileError.ts";

/** One index that is to be there: `found` is what bore its name when that was last looked up. */
export interface DesiredIndex {
  table: Relation;
  name: string;
  /** For lines about the progress. */
  what: string;
  found: FoundIndex | undefined;
  sent: SentText;
}

/**
 * Makes sure of an index on a table or leaf partition: passes over one that is valid and defined alike, drops an invalid
 * one concurrently, builds what is missing.
 *
 * @throws Error where the name is taken by something else, or by an index of another definition
 */
export async function buildOnTable(
  context: RunContext,
  path: string,
  index: IndexStatement,
  { table, name, what, found: first, sent }: DesiredIndex,
): Promise<void> {
  const lookUp = lookUpAgain(context.client, table, name, first);
  const prepare = async (): Promise<boolean> => {
    const found = await lookUp();
    if (!found) return true;
    refuseStranger(found, table);
    if (found.valid) {
      await checkDefinition(context, index, table, found);
      return false;
    }
    if (found.builder !== null) throw beingBuilt(found);
    context.log(`${path}: drops invalid index ${found.schema}.${name}, which a failed build has left`);
    await together(
      context.client,
      `SET lock_timeout = ${context.retry.concurrentLockTimeoutMs}`,
      `DROP INDEX CONCURRENTLY IF EXISTS ${qualified(found)}`,
    );
    return true;
  };
  await runStatement(context, {
    path,
    what,
    sent,
    lockTimeoutMs: context.retry.concurrentLockTimeoutMs,
    prepare,
  });
}

/** The index on a partitioned table alone, which becomes valid when all partitions have theirs. */
export async function onlyIndex(
  context: RunContext,
  path: string,
  index: IndexStatement,
  { table, name, what, found: first }: Omit<DesiredIndex, "sent">,
): Promise<FoundIndex> {
  const lookUp = lookUpAgain(context.client, table, name, first);
  let found: FoundIndex | undefined;
  const prepare = async (): Promise<boolean> => {
    found = await lookUp();
    if (!found) return true;
    refuseStranger(found, table);
    await checkDefinition(context, index, table, found);
    return false;
  };
  const sent = indexOn(index, "", name, `ONLY ${qualified(table)}`);
  await runStatement(context, { path, what, sent, prepare });
  return found ?? (await findIndex(context.client, table.schema, name))!;
}

/** Gives what was found already at first, and from then on looks again: an attempt leaves something behind. */
function lookUpAgain(
  client: pg.Client,
  table: Relation,
  name: string,
  first: FoundIndex | undefined,
): () => Promise<FoundIndex | undefined> {
  let again = false;
  return async () => {
    if (again) return findIndex(client, table.schema, name);
    again = true;
    return first;
  };
}

function refuseStranger(found: FoundIndex, table: Relation): void {
  if (found.table === table.oid) return;
  throw new Error(
    `${found.schema}.${found.name} is there, and is no index of ${table.schema}.${table.name}: take another name`,
  );
}

/** Passes for a lock timeout, so that it is tried again: when the builder is through, the index is valid. */
function beingBuilt(found: FoundIndex): Error {
  const message = `index ${found.schema}.${found.name} is being built by process ${found.builder}`;
  return Object.assign(new Error(message), { code: "55P03" });
}

/**
 * Makes sure that an index that is there already is the one that the file describes: `IF NOT EXISTS` alone
 * would pass over a changed definition in silence. The server itself tells how it writes the definition down,
 * on an empty temporary copy of the table, in a transaction that is rolled back.
 *
 * @throws Error that names both definitions and the way out
 */
async function checkDefinition(
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
      `${essence(row.wanted)}. Give the new index a name of its own, and drop the old one in a later statement: ` +
      `DROP INDEX CONCURRENTLY IF EXISTS ${sqlName(found.schema, found.name)}`,
  );
}

/** A definition without the names of index and table. */
function essence(definition: string): string {
  const unique = definition.startsWith("CREATE UNIQUE ") ? "UNIQUE " : "";
  return unique + definition.slice(definition.indexOf(" USING ") + 1);
}

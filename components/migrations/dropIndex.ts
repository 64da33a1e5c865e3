import type { Statement } from "../../lib/sqlParser.ts";
import { findPartitionedTable, findPartitions } from "./catalogue.ts";
import { lockTimeoutShare } from "./runContext.ts";
import type { RunContext } from "./runContext.ts";
import { runStatement } from "./runStatement.ts";
import { droppedIndexes } from "./statementLocks.ts";

/** The index of a `DROP INDEX CONCURRENTLY` as SQL text; `undefined` for any other statement. */
export function indexDroppedConcurrently(statement: Statement): string | undefined {
  const { tree } = statement;
  return "DropStmt" in tree && tree.DropStmt.concurrent ? droppedIndexes(statement)[0] : undefined;
}

/**
 * Drops the index of a partitioned table, which PostgreSQL 15 cannot drop concurrently: all users of the table wait while
 * the catalogue is written, so it gives up after a short time without the locks, and tries again.
 *
 * @param name as SQL text
 * @returns whether it was such an index; others are left alone
 * @throws Error when the server refuses it, or the last attempt did not get the locks either
 */
export async function dropPartitionedIndex(
  context: RunContext,
  path: string,
  name: string,
): Promise<boolean> {
  const table = await findPartitionedTable(context.client, name);
  if (!table) return false;
  const partitions = await findPartitions(context.client, table);
  const text = `DROP INDEX IF EXISTS ${name}`;
  await runStatement(context, {
    path,
    what: `${name} of ${table.schema}.${table.name} and its ${partitions.length} partitions, dropped`,
    // No part of this text is the file's.
    sent: { text, pieceStart: text.length, fileOffset: Infinity },
    lockTimeoutMs: lockTimeoutShare(context.retry, partitions.length + 1),
  });
  return true;
}

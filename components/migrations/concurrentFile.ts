import type { Statement } from "../../lib/sqlParser.ts";
import { buildIndex } from "./buildIndex.ts";
import { dropPartitionedIndex, indexDroppedConcurrently } from "./dropIndex.ts";
import { parseIndexStatement } from "./indexStatement.ts";
import { ledgerEntry } from "./ledger.ts";
import { fileEnd, fileSession, lockTimeoutMs } from "./runContext.ts";
import type { RunContext } from "./runContext.ts";
import { together } from "../../lib/postgres/session.ts";
import { sqlFileError } from "./sqlFileError.ts";
import type { SentText, ServerError } from "./sqlFileError.ts";
import type { SqlFile } from "./sqlFile.ts";
import { runStatement } from "./runStatement.ts";
import type { FailedStatement } from "./runStatement.ts";
import { letsWritersPass } from "./statementLocks.ts";

const REMEDY =
  "This file runs outside a transaction: its statements before this one stay applied. Correct it and run up " +
  "again; it starts from its first statement, and indexes that are there and valid are passed over.";

/** Of an error in what the runner itself has sent. */
const NO_TEXT: SentText = { text: "", pieceStart: 1, fileOffset: 0 };

/**
 * Applies a file statement by statement, outside a transaction, each under a lock timeout and with retries;
 * then enters it into the ledger. `CREATE INDEX CONCURRENTLY` is seen through to a valid index, also on a
 * partitioned table (see {@link buildIndex}), and so is `DROP INDEX CONCURRENTLY` (see {@link dropPartitionedIndex}).
 *
 * @throws SqlFileError when the server refuses a statement
 */
export async function applyConcurrently(context: RunContext, file: SqlFile, chain: string): Promise<void> {
  const path = `${context.where}/${file.name}`;
  const [, started] = await together(
    context.client,
    fileSession(context, file, "SESSION").join(";\n"),
    "SELECT clock_timestamp()::text AS at",
  );
  for (const statement of file.statements) {
    try {
      await applyStatement(context, path, statement);
    } catch (error) {
      const failure = error as FailedStatement;
      throw sqlFileError(path, file.text, failure, failure.sent ?? NO_TEXT, statement.start, REMEDY);
    }
  }
  const start = `timestamptz '${(started?.rows[0] as { at: string }).at}'`;
  const entry = ledgerEntry(context.schema, file, chain, context.appliedBy, start);
  await context.client.query([...fileEnd(context, file), entry].join(";\n")).catch((error: ServerError) => {
    throw sqlFileError(path, file.text, error, NO_TEXT, undefined, REMEDY);
  });
}

async function applyStatement(context: RunContext, path: string, statement: Statement): Promise<void> {
  const index = parseIndexStatement(statement);
  if (index) return buildIndex(context, path, statement, index);
  const dropped = indexDroppedConcurrently(statement);
  if (dropped !== undefined && (await dropPartitionedIndex(context, path, dropped))) return;
  await runStatement(context, {
    path,
    what: inFewWords(statement.text),
    sent: { text: statement.text, pieceStart: 0, fileOffset: statement.start },
    lockTimeoutMs: letsWritersPass(statement)
      ? context.retry.concurrentLockTimeoutMs
      : lockTimeoutMs(context.retry, [statement]),
  });
}

/** The start of a statement, in one line. */
function inFewWords(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

import type pg from "pg";
import { ledgerEntry } from "./ledger.ts";
import { withRetries } from "./retry.ts";
import { fileSession, logRetry, SESSION_RESET } from "./runContext.ts";
import type { RunContext } from "./runContext.ts";
import type { SqlFile } from "./sqlFile.ts";
import { FILE_END, sqlFileError } from "./sqlFileError.ts";
import type { ServerError } from "./sqlFileError.ts";
import { splitStatements } from "./sqlStatements.ts";

const REMEDY = "Nothing of this file was applied; the files before it stay. Correct it and run up again.";
const LOST = "The connection broke. Run up again: the ledger knows whether this file was applied.";

/**
 * Applies a file and enters it into the ledger in one transaction and one round trip. It is tried again when
 * it did not get a lock in time.
 *
 * @param chain the link that goes into the ledger
 * @throws SqlFileError when the server refuses it
 */
export async function applyInTransaction(context: RunContext, file: SqlFile, chain: string): Promise<void> {
  const before = ["BEGIN", ...fileSession(context, file, "LOCAL")];
  const head = `${before.join("; ")};\n`;
  const after = [
    ...SESSION_RESET,
    ledgerEntry(context.schema, file, chain, context.appliedBy, "transaction_timestamp()"),
    "COMMIT",
  ];
  // The line break ends a comment in the file's last line, the semicolon its last statement.
  const sent = {
    text: `${head}${file.text}${FILE_END}\n${after.join(";\n")}`,
    pieceStart: head.length,
    fileOffset: 0,
  };
  const path = `${context.where}/${file.name}`;

  await withRetries(
    context.retry,
    async () => {
      context.counter.restart();
      try {
        await context.client.query(sent.text);
      } catch (error) {
        const done = context.counter.completed() - before.length;
        await rollback(context.client);
        throw Object.assign(error as Error, { statementsDone: done });
      }
    },
    (error, attempt, pauseMs) => logRetry(context, path, error, attempt, pauseMs),
  ).catch((error: ServerError & { statementsDone?: number }) => {
    const statements = splitStatements(file.text);
    const failed = statements[error.statementsDone ?? -1]?.start;
    throw sqlFileError(path, file.text, error, sent, failed, error.code === undefined ? LOST : REMEDY);
  });
}

/** Ends the failed transaction; where the connection is gone, the server has ended it. */
async function rollback(client: pg.Client): Promise<void> {
  await client.query("ROLLBACK").catch(() => undefined);
}

import { ledgerEntry, ledgerGuard } from "./ledger.ts";
import { withProgress } from "./progress.ts";
import { withRetries } from "./retry.ts";
import { fileEnd, fileSession, logRetry } from "./runContext.ts";
import type { RunContext } from "./runContext.ts";
import type { SqlFile } from "./sqlFile.ts";
import { sqlFileError } from "./sqlFileError.ts";
import type { SentText, ServerError, SqlFileError } from "./sqlFileError.ts";

/** A file that is to run, with its link of the chain, which goes into the ledger. */
export interface PendingFile {
  file: SqlFile;
  chain: string;
}

const REMEDY = "Nothing of this file was applied; the files before it stay. Correct it and run up again.";
const LOST = "The connection broke. Run up again: the ledger knows whether this file was applied.";

/**
 * Applies files in order, each with its line in the ledger in one transaction.
 *
 * All are sent at once, a message each: one round trip for as many as there are. After one that fails, the
 * server applies none of those behind it: the failed transaction refuses them, and where it has ended (a
 * constraint that is checked at the end), each looks for the file before it in the ledger. A file that did not
 * get a lock in time is tried again alone, then the others are sent.
 *
 * @param applied is told of each file as soon as it is committed
 * @throws SqlFileError when the server refuses a file
 */
export async function applyInTransactions(
  context: RunContext,
  files: PendingFile[],
  applied: (file: SqlFile) => void,
): Promise<void> {
  let ahead: Promise<unknown>[] = [];
  for (const [i, pending] of files.entries()) {
    if (ahead.length === 0) ahead = files.slice(i).map((one, n) => send(context, one, files[i + n - 1]));
    const attempt = async (): Promise<void> => {
      try {
        await (ahead.shift() ?? send(context, pending, files[i - 1]));
      } catch (error) {
        await Promise.allSettled(ahead);
        ahead = [];
        // Where the connection is gone, the server has ended the transaction.
        await context.client.query("ROLLBACK").catch(() => undefined);
        throw error;
      }
    };
    const path = `${context.where}/${pending.file.name}`;
    await withProgress(context, path, () =>
      withRetries(context.retry, attempt, (error, number, pauseMs) =>
        logRetry(context, path, error, number, pauseMs),
      ),
    ).catch((error: ServerError) => {
      throw failure(path, pending.file, message(context, pending, files[i - 1]), error);
    });
    applied(pending.file);
  }
}

function send(context: RunContext, pending: PendingFile, before?: PendingFile): Promise<unknown> {
  const sent = context.client.query(message(context, pending, before).text);
  // Whoever awaits it sees the error; until then, nobody is to call it unhandled.
  sent.catch(() => undefined);
  return sent;
}

/** What is sent for a file. */
interface Message extends SentText {
  /** Commands that stand before the file's own. */
  commandsBefore: number;
}

function message(context: RunContext, { file, chain }: PendingFile, before?: PendingFile): Message {
  const first = [
    "BEGIN",
    ...(before ? [ledgerGuard(context.schema, before.file)] : []),
    ...fileSession(context, file, "LOCAL"),
  ];
  const head = `${first.join("; ")};\n`;
  const last = [
    ...fileEnd(context, file),
    ledgerEntry(context.schema, file, chain, context.appliedBy, "transaction_timestamp()"),
    "COMMIT",
  ];
  return {
    // The line break ends a comment in the file's last line, the semicolon its last statement.
    text: `${head}${file.text}\n;\n${last.join(";\n")}`,
    pieceStart: head.length,
    fileOffset: 0,
    commandsBefore: first.length,
  };
}

function failure(path: string, file: SqlFile, sent: Message, error: ServerError): SqlFileError {
  const statement = file.statements[(error.commandsDone ?? 0) - sent.commandsBefore];
  const remedy = error.code === undefined ? LOST : REMEDY;
  return sqlFileError(path, file.text, error, sent, statement?.start, remedy);
}

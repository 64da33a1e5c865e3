import { withProgress } from "./progress.ts";
import { withRetries } from "./retry.ts";
import { logRetry } from "./runContext.ts";
import type { RunContext } from "./runContext.ts";
import { together } from "../../lib/postgres/session.ts";
import type { SentText, ServerError } from "./sqlFileError.ts";

/** A server's error with the text that it speaks of. */
export type FailedStatement = ServerError & { sent?: SentText };

/** One statement outside a transaction, with what its errors and its progress are told by. */
export interface StatementRun {
  /** The file with its directory. */
  path: string;
  /** The statement in few words, for lines about its progress. */
  what: string;
  sent: SentText;
  /** How long it may wait for a lock. @default the policy's, as for one table */
  lockTimeoutMs?: number;
  /** Runs before each attempt, to clear away what a failed one left; `false` means nothing is to do. */
  prepare?: () => Promise<boolean>;
}

/** Runs one statement outside a transaction, again and again while it does not get its locks in time. */
export async function runStatement(
  context: RunContext,
  { path, what, sent, lockTimeoutMs = context.retry.lockTimeoutMs, prepare }: StatementRun,
): Promise<void> {
  const { retry, client } = context;
  const attempt = async (): Promise<void> => {
    if (prepare && !(await prepare())) return;
    try {
      await together(client, `SET lock_timeout = ${lockTimeoutMs}`, sent.text);
    } catch (error) {
      throw Object.assign(error as Error, { sent });
    }
  };
  await withProgress(context, `${path}: ${what}`, () =>
    withRetries(retry, attempt, (error, number, pauseMs) => logRetry(context, path, error, number, pauseMs)),
  );
}

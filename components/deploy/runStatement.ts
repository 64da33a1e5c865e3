import { withRetries } from "./retry.ts";
import { logRetry } from "./runContext.ts";
import type { RunContext } from "./runContext.ts";
import type { SentText, ServerError } from "./sqlFileError.ts";

/** A server's error with the text that it speaks of. */
export type FailedStatement = ServerError & { sent?: SentText };

/**
 * Runs one statement outside a transaction, again and again while it does not get its locks in time.
 *
 * @param patient for a statement behind which no writer has to queue: it may wait long for other transactions
 * @param prepare runs before each attempt, to clear away what a failed one left; `false` means nothing is to do
 */
export async function runStatement(
  context: RunContext,
  path: string,
  sent: SentText,
  patient: boolean,
  prepare: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<void> {
  const { retry, client } = context;
  await withRetries(
    retry,
    async () => {
      await client.query(`SET lock_timeout = ${retry.lockTimeoutMs}`);
      if (!(await prepare())) return;
      if (patient) await client.query(`SET lock_timeout = ${retry.patientLockTimeoutMs}`);
      try {
        await client.query(sent.text);
      } catch (error) {
        throw Object.assign(error as Error, { sent });
      }
    },
    (error, attempt, pauseMs) => logRetry(context, path, error, attempt, pauseMs),
  );
}

import { type Backoff, retry, type RetryOptions } from "../../lib/wait.ts";

/** How long a statement may wait for a lock, and how often it is tried. Times in ms. */
export interface RetryPolicy extends Backoff {
  /**
   * A waiting statement makes writers queue behind it: this bounds how long they wait. Statements of one
   * transaction share it.
   */
  lockTimeoutMs: number;
  /** For statements behind which no writer queues, above all concurrent index builds. */
  concurrentLockTimeoutMs: number;
}

/** Twelve attempts with these pauses last about four minutes. */
export const DEFAULT_RETRY: RetryPolicy = {
  lockTimeoutMs: 2_000,
  concurrentLockTimeoutMs: 1_800_000,
  attempts: 12,
  firstPauseMs: 500,
  longestPauseMs: 30_000,
};

/** lock_not_available, deadlock_detected, serialization_failure: the same statement may succeed later. */
const PASSING = new Set(["55P03", "40P01", "40001"]);

/** Whether the same statement may succeed later: it did not get a lock, or met another transaction. */
export function isPassing(error: unknown): boolean {
  return PASSING.has((error as { code?: string } | undefined)?.code ?? "");
}

/** Does something again while it fails for a passing reason; see {@link retry}. */
export function withRetries<T>(
  policy: RetryPolicy,
  attempt: () => Promise<T>,
  failed: NonNullable<RetryOptions["failed"]>,
): Promise<T> {
  return retry(attempt, { ...policy, when: isPassing, failed });
}

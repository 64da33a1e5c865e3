import { setTimeout as pause } from "node:timers/promises";

/** How long a statement may wait for a lock, and how often it is tried. Times in ms. */
export interface RetryPolicy {
  /**
   * A waiting statement makes writers queue behind it: this bounds how long they wait. Statements of one
   * transaction share it.
   */
  lockTimeoutMs: number;
  /** For statements behind which no writer queues, above all concurrent index builds. */
  concurrentLockTimeoutMs: number;
  attempts: number;
  firstPauseMs: number;
  longestPauseMs: number;
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

/** The pause in ms after a failed attempt (from 1): doubled each time, up to the longest, less up to a fifth. */
export function pauseAfter(attempt: number, policy: RetryPolicy, random = Math.random()): number {
  const full = Math.min(policy.firstPauseMs * 2 ** (attempt - 1), policy.longestPauseMs);
  return Math.round(full * (1 - random / 5));
}

/**
 * Tries until it succeeds, fails for good, or the attempts are used up; then the last error is thrown.
 *
 * @param failed is told of each attempt that will be tried again, before the pause (in ms)
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  attempt: () => Promise<T>,
  failed: (error: unknown, attempt: number, pauseMs: number) => Promise<void>,
): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error) || number >= policy.attempts) throw error;
      const pauseMs = pauseAfter(number, policy);
      await failed(error, number, pauseMs);
      await pause(pauseMs);
    }
  }
}

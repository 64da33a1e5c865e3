import { setTimeout as sleep } from "node:timers/promises";

/** Waits so many ms; ends early, with an error, when the drill is interrupted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal });
}

/**
 * Looks until there is something to be seen.
 *
 * @param within  ms
 * @param every   ms between two looks
 * @returns what was seen; undefined when the time is over. A look that throws has seen nothing.
 */
export async function waitFor<T>(
  look: () => Promise<T | undefined | false>,
  { within, every = 250, signal }: { within: number; every?: number; signal?: AbortSignal },
): Promise<T | undefined> {
  const deadline = performance.now() + within;
  for (;;) {
    const seen = await look().catch(() => undefined);
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) return undefined;
    await pause(every, signal);
  }
}

/**
 * The result of something that may never end.
 *
 * @param what  for the error's message
 * @throws Error when it takes longer than so many ms
 */
export async function inTime<T>(what: string, within: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not end within ${within / 1000} s`)), within);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

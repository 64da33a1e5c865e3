import { anyError, waitFor } from "../lib/wait.ts";

/**
 * Waits for a condition; the limit is there so that a test that cannot succeed ends. A look that fails has seen nothing.
 *
 * @param what    reads on after "waited 120 s in vain for: "
 * @param within  ms
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { within = 120_000, every = 200 }: { within?: number; every?: number } = {},
): Promise<T> {
  return waitFor(look, { within, every, what: `this: ${what}`, waitOut: anyError });
}

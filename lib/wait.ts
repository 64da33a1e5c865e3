import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "./errors.ts";

/** Node's timers fire at once when they are given more ms than this. */
const LONGEST_TIMER = 2 ** 31 - 1;

export interface WaitOptions {
  /** The limit in ms, counted from the call. */
  within: number;
  /** Between two looks, in ms. */
  every: number;
  /** What is awaited, for the error: reads on after "waited 30 s in vain for". */
  what: string;
  signal?: AbortSignal;
  /** Which errors of the check mean "not yet". Others end the wait at once. @default none but {@link NotYet} */
  waitOut?: (error: unknown) => boolean;
  /** How long one look may take, in ms; the last one may then outlive the limit. @default what is left until the limit */
  look?: number;
  /** What to do once the limit was reached: a sentence at the end of the error. */
  remedy?: string;
  /** The error of a limit that was reached, where {@link TimedOut} says too little. */
  failure?: (seen: string) => Error;
}

/** Thrown when a limit is reached. */
export class TimedOut extends Error {
  override readonly name = "TimedOut";
}

/** Thrown by a check that has to be made again; the message says what it saw. */
export class NotYet extends Error {
  override readonly name = "NotYet";
}

/** For checks that know what is missing. @throws NotYet with it, where something is */
export function nothingMissing(missing: string | undefined): true {
  if (missing !== undefined) throw new NotYet(missing);
  return true;
}

/** For {@link WaitOptions.waitOut}. */
export const anyError = (): boolean => true;

/** Waits so many ms. @throws AbortError when the signal fires */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(Math.min(ms, LONGEST_TIMER), undefined, { signal });
}

const NOTHING = "nothing";
const LATE: unique symbol = Symbol("late");

/**
 * Makes a check again and again until it gives a value. A check that hangs is left behind at the limit; it is told by
 * its signal.
 *
 * @param check  gives undefined, false or {@link NotYet} as long as what is awaited has not come
 * @throws TimedOut (or `failure`) at the limit, with what was seen last
 * @throws what the check throws, unless `waitOut` wants it waited out
 */
export async function waitFor<T>(
  check: (signal: AbortSignal) => T | undefined | false | Promise<T | undefined | false>,
  { within, every, what, signal, waitOut = () => false, look, failure, remedy }: WaitOptions,
): Promise<T> {
  const limit = performance.now() + within;
  const left = () => Math.max(limit - performance.now(), 0);
  let seen = NOTHING;
  for (;;) {
    signal?.throwIfAborted();
    const bound = look ?? left();
    try {
      const found = await bounded(check, bound, signal);
      if (found === LATE) seen = withLate(seen, bound, every);
      else if (found !== undefined && found !== false) return found;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof NotYet) && !waitOut(error)) throw error;
      seen = messageOf(error);
    }
    await pause(Math.min(every, left()), signal);
    if (left() > 0) continue;
    const vain = `Waited ${seconds(within)} in vain for ${what}. Last seen: ${seen}`;
    throw failure?.(seen) ?? new TimedOut(remedy === undefined ? vain : `${vain}. ${remedy}`);
  }
}

/** A look that the limit cut short does not hide what the one before it saw; one that hung is told beside it. */
function withLate(seen: string, bound: number, every: number): string {
  const late = `no answer in ${seconds(bound)}`;
  if (seen === NOTHING) return late;
  return bound > every ? `${seen}; then ${late}` : seen;
}

/** For what goes on all the same after its limit. @returns undefined where the limit was reached */
export async function ifInTime<T>(wait: Promise<T>): Promise<T | undefined> {
  return wait.catch((error: unknown) => {
    if (error instanceof TimedOut) return undefined;
    throw error;
  });
}

/**
 * The result of something that may never end.
 *
 * @param what  for the error: reads on with "did not end within 5 s"
 * @throws TimedOut when it takes longer than so many ms
 */
export async function withTimeout<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  const result = await bounded(() => work, ms);
  if (result === LATE) throw new TimedOut(`${what} did not end within ${seconds(ms)}`);
  return result;
}

async function bounded<T>(
  work: (signal: AbortSignal) => T | Promise<T>,
  ms: number,
  outer?: AbortSignal,
): Promise<T | typeof LATE> {
  const inner = new AbortController();
  const timer = new AbortController();
  const stop = () => inner.abort(outer?.reason);
  outer?.addEventListener("abort", stop, { once: true });
  const both = AbortSignal.any([timer.signal, ...(outer ? [outer] : [])]);
  const late = pause(ms, both).then((): typeof LATE => LATE);
  const begun = async () => work(inner.signal);
  try {
    const first: T | typeof LATE = await Promise.race<T | typeof LATE>([begun(), late]);
    if (first === LATE) inner.abort(new TimedOut("The limit was reached."));
    return first;
  } finally {
    outer?.removeEventListener("abort", stop);
    timer.abort();
    late.catch(() => undefined);
  }
}

/** How often something is tried, and how long the pauses between are: doubled each time, up to the longest. In ms. */
export interface Backoff {
  attempts: number;
  firstPauseMs: number;
  longestPauseMs: number;
}

export interface RetryOptions extends Backoff {
  /** Which errors are worth another attempt. */
  when: (error: unknown) => boolean;
  /** Told of each attempt that failed and is followed by another, before the pause (in ms). */
  failed?: (error: unknown, attempt: number, pauseMs: number) => void | Promise<void>;
  signal?: AbortSignal;
}

/** The pause in ms after a failed attempt (from 1), less up to a fifth: two that met once do not meet again. */
export function pauseAfter(attempt: number, backoff: Backoff, random = Math.random()): number {
  const full = Math.min(backoff.firstPauseMs * 2 ** (attempt - 1), backoff.longestPauseMs);
  return Math.round(full * (1 - random / 5));
}

/**
 * Does something again while it fails for a reason that may pass.
 *
 * @param act  told which attempt it is, from 1
 * @throws the last attempt's error
 */
export async function retry<T>(act: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts, when, failed, signal } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await act(attempt);
    } catch (error) {
      if (attempt >= attempts || !when(error)) throw error;
      const pauseMs = pauseAfter(attempt, options);
      await failed?.(error, attempt, pauseMs);
      await pause(pauseMs, signal);
    }
  }
}

/** `0.3 s`, `30 s`, `5 min` */
function seconds(ms: number): string {
  return ms >= 300_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 10) / 100} s`;
}

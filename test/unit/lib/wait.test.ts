import { describe, expect, it } from "vitest";
import {
  anyError,
  nothingMissing,
  NotYet,
  pauseAfter,
  retry,
  TimedOut,
  waitFor,
  withTimeout,
  pause,
} from "../../../lib/wait.ts";

const never = () => new Promise<never>(() => undefined);
const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => expect.fail("it succeeded"),
    (error: Error) => error,
  );

describe("waitFor", () => {
  it("returns the first value, after looks that saw nothing", async () => {
    const looks = [undefined, false, 0] as const;
    let count = 0;
    expect(await waitFor(() => looks[count++], { within: 20_000, every: 1, what: "a number" })).toBe(0);
    expect(count).toBe(3);
  });

  it("fails at its limit, and says what was awaited, for how long, and what was seen last", async () => {
    let looks = 0;
    const check = async () => nothingMissing(`look ${++looks}`);
    const error = await failure(waitFor(check, { within: 400, every: 5, what: "postgres-2 to stream" }));
    expect(error).toBeInstanceOf(TimedOut);
    expect(looks).toBeGreaterThan(1);
    expect(error.message).toBe(`Waited 0.4 s in vain for postgres-2 to stream. Last seen: look ${looks}`);
  });

  it("throws the caller's own error at the limit, which is told what was seen last", async () => {
    const options = { within: 300, every: 1, what: "x", failure: (seen: string) => new RangeError(seen) };
    const error = await failure(waitFor(() => nothingMissing("a cat"), options));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe("a cat");
  });

  it("leaves a check that hangs behind at the limit, and tells it", async () => {
    let told: AbortSignal | undefined;
    const hang = (signal: AbortSignal) => ((told = signal), never());
    const error = await failure(waitFor(hang, { within: 30, every: 1, what: "an answer" }));
    expect(error.message).toMatch(/^Waited 0\.03 s in vain for an answer\. Last seen: no answer in 0\.03 s$/);
    expect(told?.aborted).toBe(true);
  });

  it("shows what was seen before a look that the limit cut short", async () => {
    let looks = 0;
    const check = () => (++looks === 1 ? nothingMissing("a cat") : never());
    const options = { every: 400, what: "it" };
    const error = await failure(waitFor(check, { ...options, within: 600 }));
    expect(error.message).toBe("Waited 0.6 s in vain for it. Last seen: a cat");
  });

  it("shows that a look hung, beside what was seen before it", async () => {
    let looks = 0;
    const check = () => (++looks === 1 ? nothingMissing("a cat") : never());
    const error = await failure(waitFor(check, { within: 500, every: 1, what: "it" }));
    expect(error.message).toMatch(/Last seen: a cat; then no answer in 0\.\d+ s$/);
  });

  it("looks again after a look that took longer than one may", async () => {
    let looks = 0;
    const check = () => (++looks < 3 ? never() : Promise.resolve("here"));
    expect(await waitFor(check, { within: 20_000, every: 1, look: 5, what: "it" })).toBe("here");
  });

  it("makes one look where there is no time at all, if that look may take some", async () => {
    const slow = () => new Promise<string>((resolve) => setTimeout(resolve, 20, "here"));
    expect(await waitFor(slow, { within: 0, every: 1, look: 20_000, what: "it" })).toBe("here");
    await expect(waitFor(slow, { within: 0, every: 1, what: "it" })).rejects.toThrow(TimedOut);
  });

  it("does not fire at once for a limit that no timer of Node can hold", async () => {
    const slow = () => new Promise<string>((resolve) => setTimeout(resolve, 20, "here"));
    expect(await waitFor(slow, { within: Infinity, every: 1, what: "it" })).toBe("here");
  });

  it("throws an error of the check at once, unless it is to be waited out", async () => {
    let looks = 0;
    const check = async () => {
      if (++looks < 3) throw new Error("refused");
      return looks;
    };
    const options = { within: 20_000, every: 1, what: "it" };
    await expect(waitFor(check, options)).rejects.toThrow("refused");
    expect(looks).toBe(1);
    expect(await waitFor(check, { ...options, waitOut: anyError })).toBe(3);
  });

  it("shows the last error that was waited out", async () => {
    const refuse = () => Promise.reject(new Error("connection refused"));
    const options = { within: 300, every: 1, what: "the server", waitOut: anyError };
    await expect(waitFor(refuse, options)).rejects.toThrow("for the server. Last seen: connection refused");
  });

  it.each([
    ["between two looks", () => false as const],
    ["during a look", never],
  ])("ends at once when its signal fires %s", async (_, check) => {
    const interrupted = new AbortController();
    const options = { within: 60_000, every: 60_000, what: "it", signal: interrupted.signal };
    const waiting = waitFor(check, { ...options, waitOut: anyError });
    setTimeout(() => interrupted.abort(), 5);
    await expect(waiting).rejects.toThrow("aborted");
  });

  it("does not begin when its signal has fired already", async () => {
    const options = { within: 1_000, every: 1, what: "it", signal: AbortSignal.abort() };
    await expect(waitFor(() => expect.fail("it looked"), options)).rejects.toThrow("aborted");
  });

  it("takes NotYet for not yet without being asked to", async () => {
    let looks = 0;
    const check = () => {
      if (++looks === 1) throw new NotYet("one");
      return looks;
    };
    expect(await waitFor(check, { within: 20_000, every: 1, what: "two" })).toBe(2);
  });
});

describe("withTimeout", () => {
  it("passes on what comes in time", async () => {
    expect(await withTimeout(Promise.resolve(1), 20_000, "it")).toBe(1);
    await expect(withTimeout(Promise.reject(new Error("no")), 20_000, "it")).rejects.toThrow("no");
  });

  it("does not wait for what never ends", async () => {
    const error = await failure(withTimeout(never(), 10, "docker pause"));
    expect(error).toBeInstanceOf(TimedOut);
    expect(error.message).toBe("docker pause did not end within 0.01 s");
  });

  it("leaves no rejection unhandled when the work fails after the limit", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", note);
    try {
      const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("late")), 20));
      await expect(withTimeout(late, 1, "it")).rejects.toThrow(TimedOut);
      await pause(40);
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });
});

describe("retry", () => {
  const backoff = { attempts: 3, firstPauseMs: 1, longestPauseMs: 2 };

  it("tries again while it is worth it, and tells of each failure before the next attempt", async () => {
    const told: string[] = [];
    const result = await retry(
      async (attempt) => {
        if (attempt < 3) throw new Error(`attempt ${attempt}`);
        return attempt;
      },
      {
        ...backoff,
        when: anyError,
        failed: (error, n) => void told.push(`${n}: ${(error as Error).message}`),
      },
    );
    expect(result).toBe(3);
    expect(told).toEqual(["1: attempt 1", "2: attempt 2"]);
  });

  it("throws the last error once the attempts are used up", async () => {
    const fail = (attempt: number) => Promise.reject(new Error(`attempt ${attempt}`));
    await expect(retry(fail, { ...backoff, when: anyError })).rejects.toThrow("attempt 3");
  });

  it("throws at once what another attempt does not mend", async () => {
    let attempts = 0;
    const fail = () => (attempts++, Promise.reject(new Error("for good")));
    await expect(retry(fail, { ...backoff, when: () => false })).rejects.toThrow("for good");
    expect(attempts).toBe(1);
  });

  it("doubles its pauses up to the longest, less up to a fifth", () => {
    const policy = { attempts: 12, firstPauseMs: 500, longestPauseMs: 30_000 };
    expect([1, 2, 3, 7, 12].map((n) => pauseAfter(n, policy, 0))).toEqual([500, 1000, 2000, 30_000, 30_000]);
    expect(pauseAfter(1, policy, 1)).toBe(400);
  });
});

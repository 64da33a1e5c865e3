import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pause } from "../../../lib/wait.ts";
import type { LockHolder } from "../../../lib/lock.ts";

let cache: string;
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), "acgs-lock-"));
  // The cache folder is read once, when the modules are loaded.
  process.env["ACGS_DB_CACHE"] = cache;
});
afterAll(() => rmSync(cache, { recursive: true, force: true }));

const load = () => import("../../../lib/lock.ts");
const GONE = 2 ** 22 + 1; // beyond the largest number that Linux gives

describe("withLock", () => {
  test("lets one in at a time", async () => {
    const { withLock } = await load();
    const events: string[] = [];
    const work = (name: string) =>
      withLock("one-at-a-time", async () => {
        events.push(`${name} in`);
        await pause(50);
        events.push(`${name} out`);
      });
    await Promise.all([work("a"), work("b")]);
    const [first, second] = events[0] === "a in" ? ["a", "b"] : ["b", "a"];
    expect(events).toEqual([`${first} in`, `${first} out`, `${second} in`, `${second} out`]);
  });

  test("is free again after a failure", async () => {
    const { withLock } = await load();
    await expect(withLock("failing", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withLock("failing", () => Promise.resolve("in"))).toBe("in");
  });

  test("takes over from a run on another machine that has been silent for a minute", async () => {
    const { withLock } = await load();
    await withLock("folder", () => Promise.resolve());
    const file = join(cache, "locks", "stale.7.lock");
    writeFileSync(file, "1 another-machine");
    const minuteAgo = new Date(Date.now() - 60_000);
    utimesSync(file, minuteAgo, minuteAgo);
    expect(await withLock("stale", () => Promise.resolve("in"))).toBe("in");
    expect(existsSync(file)).toBe(false);
  });

  test("says whom it waits for, and gives up after its patience", async () => {
    const { withLock } = await load();
    const seen: LockHolder[] = [];
    const started = Date.now();
    await withLock("busy", async () => {
      const second = withLock("busy", () => Promise.resolve(), {
        patience: 400,
        waiting: (holder) => (seen.push(holder), "› waiting"),
        gaveUp: ({ pid }) => `process ${pid} does not end`,
      });
      await expect(second).rejects.toThrow(`process ${process.pid} does not end`);
    });
    expect(seen).toHaveLength(1);
    expect(Math.abs(seen[0]!.since.getTime() - started)).toBeLessThan(5_000);
    expect(await withLock("busy", () => Promise.resolve("in"))).toBe("in");
  });
});

describe("taking over a lock that was left behind", () => {
  const directory = () => mkdtempSync(join(cache, "race-"));

  test("only one of two that judged it stale at the same moment gets in", async () => {
    const { tryLock } = await load();
    const folder = directory();
    writeFileSync(join(folder, "x.1.lock"), `${GONE} here`);
    let other: string | undefined;
    const mine = tryLock(folder, "x", () => {
      other = tryLock(folder, "x", () => true); // between this one's judgement and its taking
      return true;
    });
    expect(other).toBe(join(folder, "x.2.lock"));
    expect(mine).toBeUndefined();
    expect(tryLock(folder, "x")).toBeUndefined();
  });

  test("nor does one that slept through a whole turn of others", async () => {
    const { tryLock } = await load();
    const folder = directory();
    writeFileSync(join(folder, "x.1.lock"), `${GONE} here`);
    const mine = tryLock(folder, "x", () => {
      for (let turn = 0; turn < 3; turn++) tryLock(folder, "x", () => true);
      return true;
    });
    expect(mine).toBeUndefined();
    expect(readdirSync(folder)).toEqual(["x.4.lock"]);
  });

  test("a number that another has was given in another lock counts for nothing", async () => {
    const { tryLock } = await load();
    const folder = directory();
    writeFileSync(join(folder, "x-y.5.lock"), `${process.pid} here`);
    expect(tryLock(folder, "x")).toBe(join(folder, "x.1.lock"));
    expect(readFileSync(join(folder, "x-y.5.lock"), "utf8")).toBe(`${process.pid} here`);
  });
});

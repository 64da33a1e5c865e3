import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  isStale,
  lockedElsewhere,
  parseLock,
  readLocks,
  stillBusy,
  untilUnlocked,
} from "../../../operations/recovery/locks.ts";

const SINCE = "2026-11-21T18:00:00.123456789Z";
const text = (pid: number, host: string) =>
  JSON.stringify({ pid, username: "alice", hostname: host, timestamp: SINCE });
const GONE = 2 ** 22 + 1;

let directory: string;
let said: string[];
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), "acgs-locks-")), "dev");
  mkdirSync(directory);
  said = [];
  vi.spyOn(process.stderr, "write").mockImplementation((line) => (said.push(String(line)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(join(directory, ".."), { recursive: true });
});
const put = (name: string, content: string) => writeFileSync(join(directory, name), content);
const stack = () => ({ stack: "dev", backend: "file:///nowhere", locks: directory });

describe("a lock of Pulumi's", () => {
  it("is read with its owner", () => {
    put("a.json", text(17, "one"));
    put("a.json.attrs", "{}");
    const file = join(directory, "a.json");
    expect(readLocks(directory)).toEqual([
      { file, pid: 17, user: "alice", host: "one", since: new Date(SINCE) },
    ]);
    expect(readLocks(join(directory, "nothing"))).toEqual([]);
  });

  it("is stale when its process is gone from this machine, and never when it is of another", () => {
    const lock = parseLock("f", text(17, "one"), new Date());
    expect(isStale(lock, "one", Date.now(), () => true)).toBe(true);
    expect(isStale(lock, "one", Date.now(), () => false)).toBe(false);
    expect(isStale(lock, "two", Date.now(), () => true)).toBe(false);
  });

  it("is stale after a minute when it was never finished", () => {
    for (const half of ["", '{"pid": 17, "us']) {
      const lock = parseLock("f", half, new Date(1_000_000));
      expect(isStale(lock, "one", 1_030_000)).toBe(false);
      expect(isStale(lock, "one", 1_070_000)).toBe(true);
    }
  });
});

describe("waiting for a stack", () => {
  it("removes what a killed run has left, and says so", async () => {
    put("a.json", text(GONE, hostname()));
    put("a.json.attrs", "{}");
    put("b.json", "");
    const old = new Date(Date.now() - 120_000);
    utimesSync(join(directory, "b.json"), old, old);
    await untilUnlocked(stack());
    expect(existsSync(join(directory, "a.json")) || existsSync(join(directory, "a.json.attrs"))).toBe(false);
    expect(existsSync(join(directory, "b.json"))).toBe(false);
    expect(said.join("")).toBe(
      `› dev: removed the lock of a run that is over (alice@${hostname()}, process ${GONE}, since 2026-11-21 18:00:00 UTC)\n` +
        `› dev: removed the lock of a run that is over (${said[1]!.match(/\((.*)\)/)![1]})\n`,
    );
  });

  it("waits for a run that is alive, once it has said for whom", async () => {
    const now = JSON.stringify({
      pid: process.pid,
      username: "bob",
      hostname: hostname(),
      timestamp: new Date(),
    });
    put("a.json", now);
    const done = untilUnlocked(stack());
    await expect.poll(() => said.length).toBe(1);
    expect(said[0]).toMatch(
      new RegExp(
        `^› stack dev is being changed by another run \\(bob@${hostname()}, process ${process.pid}, since .* UTC\\): waiting for it, 30 min at most`,
      ),
    );
    rmSync(join(directory, "a.json"));
    await done;
    expect(said).toHaveLength(1);
  });

  it("gives up with what to do", async () => {
    put(
      "a.json",
      JSON.stringify({ pid: process.pid, username: "bob", hostname: hostname(), timestamp: new Date() }),
    );
    await expect(untilUnlocked(stack(), 600)).rejects.toThrow(
      /^Stack dev is still being changed by another run .*this one has waited 1 s\..*kill \d+/,
    );
  });

  it("does not wait for a run on another machine, of which nothing can be known", async () => {
    put("a.json", text(17, "elsewhere.example"));
    await expect(untilUnlocked(stack())).rejects.toThrow("npm run pulumi -- cancel --stack dev --yes");
    expect(existsSync(join(directory, "a.json"))).toBe(true);
  });
});

it("names an owner once in each message", () => {
  const worker = { pid: 17, user: "alice", host: "one", since: new Date(SINCE) };
  expect(lockedElsewhere("prod", worker)).toContain("alice@one, process 17, since 2026-11-21 18:00:00 UTC");
  expect(stillBusy("prod", worker)).toContain("has waited 30 min");
});

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isGone } from "../../../lib/liveness.ts";

describe("isGone", () => {
  test("is false of this process, also for a time when it was there", () => {
    expect(isGone(process.pid)).toBe(false);
    expect(isGone(process.pid, Date.now())).toBe(false);
  });

  test("is true of a number that nobody has, and of one that belongs to a younger process", () => {
    expect(isGone(2 ** 22 + 1)).toBe(true);
    if (existsSync("/proc/self/stat")) expect(isGone(process.pid, Date.now() - 86_400_000)).toBe(true);
  });

  test("is true of a process that has ended and that its parent has not asked about", async () => {
    if (!existsSync("/proc/self/stat")) return;
    // The shell becomes sleep, which never asks about the child that it has inherited.
    const parent = spawn("sh", ["-c", "(sleep 0.3) & echo $!; exec sleep 30"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    try {
      const pid = Number(
        await new Promise<string>((resolve) =>
          parent.stdout.once("data", (d: Buffer) => resolve(d.toString())),
        ),
      );
      const isZombie = () => / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
      await expect.poll(isZombie).toBe(true);
      expect(isGone(pid)).toBe(true);
    } finally {
      parent.kill("SIGKILL");
    }
  });

  test("judges nothing that is no number of a process", () => {
    expect([0, -1, Number.NaN, 1.5].map((pid) => isGone(pid))).toEqual([false, false, false, false]);
  });
});

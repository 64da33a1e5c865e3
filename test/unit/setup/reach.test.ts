import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "acgs-setup-"));
  // The cache folder is read once, when the modules are loaded.
  process.env["ACGS_DB_CACHE"] = directory;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("runReaching", () => {
  const run = async (script: string) => {
    const { runReaching } = await import("../../../setup/reach.ts");
    const logFile = join(directory, `${Math.random()}.log`);
    await runReaching("sh", ["-c", script], { reached: /found/, logFile, reachTimeout: 2_000 });
    return readFileSync(logFile, "utf8");
  };

  test("waits for a host that answers", async () => {
    expect(await run("echo found; sleep 2.5; echo done")).toBe("found\ndone\n");
  });

  test("gives up a host that does not, with all that was started for it", async () => {
    const started = performance.now();
    await expect(run("echo searching; sleep 20 & wait")).rejects.toThrow(/no answer within 2 s\nsearching$/);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test("takes no notice of what a program that has ended has left behind", async () => {
    const started = performance.now();
    expect(await run("setsid sleep 30 & echo searching; exit 0")).toBe("searching\n");
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test("shows why it failed", async () => {
    await expect(run("echo no such host >&2; exit 3")).rejects.toThrow(/exit status 3\nno such host$/);
  });
});

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { claim, removeAbandoned } from "../../support/abandoned.ts";
import { docker, leftOnEngine, sweep } from "../../support/engine.ts";

const prefix = `acgs-test-${randomBytes(3).toString("hex")}`;
let root: string;
let folder: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "acgs-unit-"));
  folder = join(root, "acgs-test-abandoned");
  await mkdir(folder);
  await docker(["volume", "create", `${prefix}-data`]);
});
afterAll(async () => {
  await sweep(await leftOnEngine(prefix));
  await rm(root, { recursive: true, force: true });
});

it("a stack stays while its test runs, and goes with what the engine has of it when that was killed", async () => {
  await claim(folder, prefix);
  await removeAbandoned(root);
  expect(existsSync(folder)).toBe(true);
  expect(await leftOnEngine(prefix)).toEqual([`volume ${prefix}-data`]);

  const { pid } = spawnSync("true");
  await writeFile(join(folder, ".owner.json"), JSON.stringify({ pid, prefix, since: Date.now() }));
  await removeAbandoned(root);
  expect(existsSync(folder)).toBe(false);
  expect(await leftOnEngine(prefix)).toEqual([]);
});

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { capture } from "../../../lib/process.ts";

// The program itself, on this machine; in place of an image's `healthcheck` is one that does what a file says, line by line.

const FAKE = `#!/bin/bash
echo check >> "$TMPDIR/checks"
line=$(wc -l < "$TMPDIR/checks")
[[ $(sed -n "\${line}p" "$TMPDIR/plan") != ill ]]
`;
const directories: string[] = [];
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "acgs-watch-health-"));
  directories.push(directory);
  writeFileSync(join(directory, "healthcheck"), FAKE);
  chmodSync(join(directory, "healthcheck"), 0o755);
});
afterAll(() => directories.forEach((one) => rmSync(one, { recursive: true, force: true })));

/** @param plan  what each check finds; those after its end are well */
function plan(...checks: ("well" | "ill")[]): void {
  writeFileSync(join(directory, "checks"), "");
  writeFileSync(join(directory, "plan"), `${checks.join("\n")}\n`);
}

async function watch(seconds: number): Promise<{ status: number | undefined; checks: number }> {
  const env = { ...process.env, TMPDIR: directory, PATH: `${directory}${delimiter}${process.env["PATH"]}` };
  const program = join(import.meta.dirname, "../../../images/common/watch-health");
  const { status } = await capture("bash", [program, "0.1", String(seconds)], { env, timeout: 25_000 });
  return { status, checks: readFileSync(join(directory, "checks"), "utf8").split("\n").length - 1 };
}

it("tells at once that a container has become well, and watches it from then on", async () => {
  plan("ill", "well");
  expect(await watch(60)).toEqual({ status: 1, checks: 1 });
  expect(await watch(60)).toEqual({ status: 0, checks: 2 });
  plan();
  const { status, checks } = await watch(2);
  expect(status).toBe(0);
  expect(checks).toBeGreaterThan(2);
});

it("tells of the third check in a row that fails, and at once when the next one passes", async () => {
  plan();
  await watch(60);
  plan("well", "ill", "ill", "well", "ill", "ill", "ill");
  expect(await watch(60)).toEqual({ status: 1, checks: 7 });
  plan("ill", "well");
  expect(await watch(60)).toEqual({ status: 1, checks: 1 });
  expect(await watch(60)).toEqual({ status: 0, checks: 2 });
});

it("does not end while it counts failures", async () => {
  plan();
  await watch(60);
  plan("ill", "ill", "ill");
  expect(await watch(0)).toEqual({ status: 1, checks: 3 });
});

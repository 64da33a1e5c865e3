import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { policyPack } from "../../../cli/pulumiArguments.ts";

it("serves on a port that it prints, and ends with the engine that holds its input", async () => {
  // The SDK reads the version of the program's package in the working directory.
  const cwd = resolve(import.meta.dirname, "../../..");
  const pack = spawn(policyPack, ["127.0.0.1:1"], { cwd, stdio: ["pipe", "pipe", "pipe"] });
  const complaints: string[] = [];
  pack.stderr.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  const ended = once(pack, "exit");
  const [line] = (await once(pack.stdout.setEncoding("utf8"), "data")) as [string];
  expect(Number(line)).toBeGreaterThan(0);
  expect(pack.exitCode).toBeNull();
  pack.stdin.end();
  expect(await ended).toEqual([0, null]);
  expect(complaints).toEqual([]);
});

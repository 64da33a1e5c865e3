import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listProcesses, type Process } from "../../operations/recovery/strayProcesses.ts";
import { isGone } from "../../lib/liveness.ts";
import { leftOnEngine, sweep } from "./engine.ts";

/** Says in the folder of a test's stack which process runs the test, and under what prefix the engine has its parts. */
const OWNER_FILE = ".owner.json";
/** The folders of stacks of tests. */
const FOLDER = /^acgs-(test|checkout)-/;

interface Owner {
  pid: number;
  prefix: string;
  /** Time in ms since 1970: another program may have the number later. */
  since: number;
}

/** Notes that this process has a stack under a prefix, whose files are in a folder. */
export async function claim(folder: string, prefix: string): Promise<void> {
  const owner: Owner = { pid: process.pid, prefix, since: Date.now() };
  await writeFile(join(folder, OWNER_FILE), JSON.stringify(owner));
}

/** Removes stacks whose test was killed, as a part of the tests is that takes too long: they would run for ever. */
export async function removeAbandoned(root = tmpdir()): Promise<void> {
  for (const name of (await readdir(root)).filter((one) => FOLDER.test(one))) {
    const folder = join(root, name);
    const owner = await ownerOf(folder);
    if (!owner || !isGone(owner.pid, owner.since)) continue;
    killAll(processesIn(folder));
    await sweep(await leftOnEngine(owner.prefix));
    await rm(folder, { recursive: true, force: true });
  }
}

async function ownerOf(folder: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, OWNER_FILE), "utf8")) as Owner;
  } catch {
    return undefined; // being made at this moment, or of another kind
  }
}

/** All processes that work on the stack of a folder. */
export function processesIn(folder: string): Process[] {
  return listProcesses().filter(
    ({ backend, command }) => backend?.includes(folder) || command.some((word) => word.startsWith(folder)),
  );
}

export function killAll(processes: readonly Process[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
}

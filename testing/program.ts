import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage } from "./images.ts";

export interface ProgramRun {
  status: number;
  output: string;
}

/**
 * Runs a program of one of the project's images on files that a test made: the way to know that a renderer's
 * output is what the real program reads.
 *
 * @param files  by the path at which the program finds them
 */
export async function runProgram(
  image: Parameters<typeof buildImage>[0],
  command: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<ProgramRun> {
  const id = await buildImage(image);
  const { mounts, remove } = await mounted(files);
  try {
    const name = `acgs-program-test-${randomBytes(4).toString("hex")}`;
    const [program, ...args] = command as [string, ...string[]];
    return await run(["run", "--rm", "--name", name, ...mounts, "--entrypoint", program, id, ...args]);
  } finally {
    await remove();
  }
}

/** A program of one of the project's images that goes on running, with one of its ports on 127.0.0.1. */
export interface RunningProgram {
  port: number;
  exec: (...command: string[]) => Promise<ProgramRun>;
  logs: () => Promise<string>;
  stop: () => Promise<void>;
}

/** Starts the image's own command on files that a test made, for questions that only the running program answers. */
export async function startProgram(
  image: Parameters<typeof buildImage>[0],
  port: number,
  files: Readonly<Record<string, string>>,
): Promise<RunningProgram> {
  const id = await buildImage(image);
  const { mounts, remove } = await mounted(files);
  const name = `acgs-program-test-${randomBytes(4).toString("hex")}`;
  const stop = async () => {
    await run(["rm", "--force", "--volumes", name]);
    await remove();
  };
  // Names that tests make up are looked up nowhere.
  const publish = ["--publish", `127.0.0.1:0:${port}`, "--dns", "127.0.0.1"];
  const started = await run(["run", "--detach", "--init", "--name", name, ...publish, ...mounts, id]);
  const { output } = await run(["port", name, `${port}/tcp`]);
  if (started.status !== 0 || !/:\d+\s*$/.test(output)) {
    const logs = await run(["logs", name]);
    await stop();
    throw new Error(`${image} did not start: ${started.output}${logs.output}`);
  }
  return {
    port: Number(/:(\d+)\s*$/.exec(output)![1]),
    exec: (...command) => run(["exec", name, ...command]),
    logs: async () => (await run(["logs", name])).output,
    stop,
  };
}

/** The files on this machine, and the options that show them to a container. */
async function mounted(files: Readonly<Record<string, string>>) {
  const directory = await mkdtemp(join(tmpdir(), "acgs-program-test-"));
  const mounts: string[] = [];
  for (const [i, [path, content]] of Object.entries(files).entries()) {
    const file = join(directory, String(i));
    await writeFile(file, content, { mode: 0o644 });
    mounts.push("--volume", `${file}:${path}:ro`);
  }
  return { mounts, remove: () => rm(directory, { recursive: true, force: true }) };
}

function run(args: string[]): Promise<ProgramRun> {
  return new Promise((resolve, reject) => {
    const child = spawn("docker", args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (data: Buffer) => (output += data.toString());
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    child.on("close", (status) => resolve({ status: status ?? -1, output }));
  });
}

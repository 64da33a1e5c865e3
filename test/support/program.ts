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
  const directory = await mkdtemp(join(tmpdir(), "acgs-program-test-"));
  try {
    const mounts: string[] = [];
    for (const [i, [path, content]] of Object.entries(files).entries()) {
      const file = join(directory, String(i));
      await writeFile(file, content, { mode: 0o644 });
      mounts.push("--volume", `${file}:${path}:ro`);
    }
    const name = `acgs-program-test-${randomBytes(4).toString("hex")}`;
    const [program, ...args] = command as [string, ...string[]];
    return await run(["run", "--rm", "--name", name, ...mounts, "--entrypoint", program, id, ...args]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
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

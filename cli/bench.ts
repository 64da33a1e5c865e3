import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../lib/errors.ts";
import { projectDir } from "../lib/paths.ts";
import { prepare } from "../setup/prepare.ts";
import { runAttached } from "../lib/process.ts";
import { toolEnvironment } from "../lib/pulumi/tool.ts";

/** `npm run bench [-- arguments]`: sets up, then runs bench/run.ts. Returns the exit status. */
export async function runBench(args: string[]): Promise<number> {
  const script = join(projectDir, "bench", "run.ts");
  if (!existsSync(script)) throw new UserError("bench/run.ts is not there.");
  const tool = await prepare();
  return runAttached(process.execPath, [script, ...args], {
    cwd: projectDir,
    env: toolEnvironment(tool, process.env),
  });
}

// What ./acgs and `npm run <command>` do once a recent Node runs them (run.mjs). Until npm ci has been run, only Node's
// own modules can be imported: so the commands, which use packages, are loaded after it.
import { join } from "node:path";
import { DockerError } from "../lib/docker/errors.ts";
import { dropMisleading, enginesOf } from "../lib/environment.ts";
import { messageOf, UserError } from "../lib/errors.ts";
import { cacheDir, projectDir } from "../lib/paths.ts";
import { say } from "../lib/progress.ts";
import { TimedOut } from "../lib/wait.ts";
import { ensureNodeModules } from "../setup/nodeModules.ts";
import { EXIT } from "./exitStatus.ts";
import { checkNpm } from "./npmArguments.ts";

async function main(args: string[]): Promise<number> {
  const parent = Number(process.env["ACGS_DB_STARTED_BY"] ?? process.ppid);
  delete process.env["ACGS_DB_STARTED_BY"];
  // npm calls scripts in the project's folder, and says in INIT_CWD where it was called itself.
  if (!checkNpm(parent, args)) process.env["INIT_CWD"] = process.cwd();
  process.chdir(projectDir);
  dropMisleading(process.env, enginesOf(projectDir));
  // Every Node that this command starts (the Pulumi program above all) loads its modules from V8's code cache.
  process.env["NODE_COMPILE_CACHE"] ??= join(cacheDir, "node-compile-cache");
  await ensureNodeModules();
  const { runCommand } = await import("./commands.ts");
  return runCommand(args);
}

// A reader that has seen enough (`./acgs report | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // The messages of these say what the operator needs; any other error is a defect, and its place tells where.
  const isExplained = [UserError, DockerError, TimedOut].some((kind) => error instanceof kind);
  say(`✗ ${isExplained ? messageOf(error) : ((error as Error).stack ?? messageOf(error))}`);
  process.exitCode = EXIT.failed;
}

// What `npm run <command>` does once a recent Node runs it (run.mjs). Until npm ci has been run, nothing but Node's own
// modules can be imported: so all of setup/ gets by with these.
import { join } from "node:path";
import { runBench } from "./commands/bench.ts";
import { runDocsSchema } from "./commands/docsSchema.ts";
import { runLint } from "./commands/lint.ts";
import { runReport } from "./commands/report.ts";
import { runSeedData } from "./commands/seedData.ts";
import { runPulumi, runStackCommand } from "./commands/stack.ts";
import { runTests } from "./commands/test.ts";
import { Fault, messageOf } from "./fault.ts";
import { ensureNodeModules } from "./nodeModules.ts";
import { cacheDir } from "./paths.ts";
import { say } from "./progress.ts";

const COMMANDS: Record<string, (args: string[]) => Promise<number>> = {
  preview: (args) => runStackCommand("preview", args),
  up: (args) => runStackCommand("up", args),
  destroy: (args) => runStackCommand("destroy", args),
  outputs: (args) => runStackCommand("outputs", args),
  pulumi: runPulumi,
  test: runTests,
  lint: runLint,
  bench: runBench,
  report: runReport,
  "seed-data": runSeedData,
  "docs:schema": runDocsSchema,
};

async function main([name = "", ...args]: string[]): Promise<number> {
  const command = COMMANDS[name];
  if (!command)
    throw new Fault(
      `There is no command ${JSON.stringify(name)}; there are ${Object.keys(COMMANDS).join(", ")}.`,
    );
  // Every Node that this command starts (the Pulumi program above all) loads its modules from V8's code cache.
  process.env["NODE_COMPILE_CACHE"] ??= join(cacheDir, "node-compile-cache");
  await ensureNodeModules();
  return command(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(`✗ ${error instanceof Fault ? error.message : ((error as Error).stack ?? messageOf(error))}`);
  process.exitCode = 1;
}

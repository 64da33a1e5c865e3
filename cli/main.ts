// What `npm run <command>` does once a recent Node runs it (run.mjs). Until npm ci has been run, nothing but Node's own
// modules can be imported: so the commands, which use packages, are loaded after it.
import { join } from "node:path";
import { UserError, messageOf } from "../lib/errors.ts";
import { ensureNodeModules } from "../setup/nodeModules.ts";
import { cacheDir } from "../lib/paths.ts";
import { say } from "../lib/progress.ts";

type Command = (args: string[]) => Promise<number>;

const stackCommand = (name: "preview" | "up" | "destroy" | "outputs"): Command => {
  return async (args) => (await import("./stack.ts")).runStackCommand(name, args);
};

const COMMANDS: Record<string, Command> = {
  preview: stackCommand("preview"),
  up: stackCommand("up"),
  destroy: stackCommand("destroy"),
  outputs: stackCommand("outputs"),
  pulumi: async (args) => (await import("./stack.ts")).runPulumi(args),
  test: async (args) => (await import("./test.ts")).runTests(args),
  lint: async () => (await import("./lint.ts")).runLint(),
  bench: async (args) => (await import("./bench.ts")).runBench(args),
  switchover: async (args) => (await import("./switchover.ts")).runSwitchover(args),
  restart: async (args) => (await import("./switchover.ts")).runRestart(args),
  drift: async (args) => (await import("./drift.ts")).runDrift(args),
  report: async (args) => (await import("./report.ts")).runReport(args),
  audit: async (args) => (await import("./audit.ts")).runAudit(args),
  sbom: async (args) => (await import("./sbom.ts")).runSbom(args),
  drill: async (args) => (await import("./drill.ts")).runDrill(args),
  "seed-data": async (args) => (await import("./seedData.ts")).runSeedData(args),
  "docs:schema": async (args) => (await import("./docsSchema.ts")).runDocsSchema(args),
  privileges: async () => (await import("./privileges.ts")).runPrivileges(),
};

async function main([name = "", ...args]: string[]): Promise<number> {
  const command = COMMANDS[name];
  if (!command)
    throw new UserError(
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
  say(`✗ ${error instanceof UserError ? error.message : ((error as Error).stack ?? messageOf(error))}`);
  process.exitCode = 1;
}

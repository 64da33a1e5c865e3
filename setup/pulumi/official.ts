import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../lib/errors.ts";
import { npmCommand } from "../nodeModules.ts";
import { cacheDir, projectDir } from "../../lib/paths.ts";
import { capture, runLogged } from "../../lib/process.ts";
import { step } from "../../lib/progress.ts";
import { isKnownUnreachable, runReaching } from "../reach.ts";
import { toolAt, toolEnvironment, type PulumiTool } from "../../lib/pulumi/tool.ts";

/** The npm package `pulumi`, which downloads the official CLI of its own version. */
const PACKAGE_VERSION = "3.265.0";

/** Name under which it is remembered that Pulumi's downloads are out of reach. */
export const PULUMI_HOST = "pulumi";

/** Plugins the program asks for, by the npm package whose version they share. */
const PLUGINS = { docker: "@pulumi/docker", postgresql: "@pulumi/postgresql" };

/** The official CLI if it has been fetched before. */
export function fetchedCli(): PulumiTool | undefined {
  const cli = join(pulumiHome(), "versions", PACKAGE_VERSION, "bin", "pulumi");
  return existsSync(cli) ? toolAt(cli, {}) : undefined;
}

/**
 * Fetches the official CLI.
 * @throws Fault when its host does not answer within 15 s
 */
export async function fetchCli(): Promise<PulumiTool> {
  return step(`Pulumi ${PACKAGE_VERSION}, the official CLI`, async (logFile) => {
    const runner = join(cacheDir, `pulumi-npm-${PACKAGE_VERSION}`);
    if (!existsSync(runner)) {
      const scratch = `${runner}.${process.pid}`;
      const [command, first] = npmCommand();
      const flags = ["--no-save", "--ignore-scripts", "--loglevel=warn", "--prefix", scratch];
      await runLogged(command, [...first, "install", ...flags, `pulumi@${PACKAGE_VERSION}`], logFile);
      rmSync(runner, { recursive: true, force: true });
      renameSync(scratch, runner);
    }
    const script = join(runner, "node_modules", "pulumi", "run.js");
    // The install script, once it has been fetched, says what it installs: then the host answers.
    await runReaching(process.execPath, [script, "version"], {
      reached: /Installing|Downloading https?:|%/,
      logFile,
      env: {
        ...process.env,
        PULUMI_VERSION: PACKAGE_VERSION,
        NODE_USE_ENV_PROXY: "1",
      },
    });
    const tool = fetchedCli();
    if (!tool)
      throw new UserError(`npm's pulumi@${PACKAGE_VERSION} ran, but there is no CLI in ${pulumiHome()}.`);
    return tool;
  });
}

/**
 * Makes sure that the plugins of a CLI are there: the CLI fetches those that are missing.
 * @throws Fault when one is missing and its host does not answer
 */
export async function ensurePlugins(tool: PulumiTool): Promise<void> {
  const env = toolEnvironment(tool, process.env);
  const wanted = Object.entries(PLUGINS).map(([name, npmPackage]) => ({
    name,
    version: versionOf(npmPackage),
  }));
  const missing = wanted.filter(
    (plugin) => !existsSync(join(pulumiHome(), "plugins", `resource-${plugin.name}-v${plugin.version}`)),
  );
  for (const { name, version } of missing) {
    // A plugin on PATH serves any version.
    const onPath = await capture("sh", ["-c", 'command -v "$1"', "sh", `pulumi-resource-${name}`], { env });
    if (onPath.status === 0) continue;
    if (isKnownUnreachable(PULUMI_HOST))
      throw new UserError(`plugin ${name} ${version} is missing, and its host was out of reach today`);
    await step(`Pulumi plugin ${name} ${version}`, (logFile) =>
      // Without a terminal the CLI shows no progress, and a plugin is tens of MB.
      runReaching(tool.command, ["plugin", "install", "resource", name, version], {
        reached: /MiB|\d%/,
        logFile,
        env,
        reachTimeout: 60_000,
      }),
    );
  }
}

function versionOf(npmPackage: string): string {
  const manifest = JSON.parse(readFileSync(join(projectDir, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const version = manifest.dependencies[npmPackage];
  if (!version) throw new UserError(`package.json does not name ${npmPackage}.`);
  return version;
}

function pulumiHome(): string {
  return process.env["PULUMI_HOME"] || join(homedir(), ".pulumi");
}

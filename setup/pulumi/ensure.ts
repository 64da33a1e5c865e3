import { UserError, messageOf } from "../../lib/errors.ts";
import { withLock } from "../../lib/lock.ts";
import { cacheDir, projectDir } from "../../lib/paths.ts";
import { capture } from "../../lib/process.ts";
import { say, step } from "../../lib/progress.ts";
import { forgetUnreachable, isKnownUnreachable, rememberUnreachable } from "../reach.ts";
import { installToolchain } from "../toolchain/install.ts";
import { parsePreference, sourcesOf, type Source } from "./choose.ts";
import { ensurePlugins, fetchCli, fetchedCli, PULUMI_HOST } from "./official.ts";
import { toolAt, type PulumiTool } from "../../lib/pulumi/tool.ts";

/**
 * A Pulumi that works: the one on PATH, else the official CLI, else the one that setup/toolchain/ builds.
 * @throws Fault naming each source that was tried and why it failed
 */
export async function ensurePulumi(): Promise<PulumiTool> {
  const preference = parsePreference(process.env["ACGS_DB_TOOLCHAIN"]);
  if (preference === "official") forgetUnreachable(PULUMI_HOST);
  const onPath =
    preference === "local" ? undefined : await capture("pulumi", ["version"], { timeout: 15_000 });
  const sources = sourcesOf({
    preference,
    versionOnPath: onPath?.status === 0 ? onPath.stdout : undefined,
    hostUnreachable: isKnownUnreachable(PULUMI_HOST),
  });

  const faults: string[] = [];
  for (const source of sources) {
    try {
      return await toolFrom(source);
    } catch (error) {
      faults.push(`${source}: ${messageOf(error)}`);
      if (source === "toolchain") break;
      rememberUnreachable(PULUMI_HOST, messageOf(error));
      if (sources.at(-1) !== source)
        say(
          `  ${lastLine(messageOf(error))}\n  Going on with the next source of Pulumi; not tried again for a day.`,
        );
    }
  }
  throw new UserError(
    `No Pulumi could be had.\n${faults.join("\n")}\nInstall the Pulumi CLI and try again, or look at setup/toolchain/README.md.`,
  );
}

async function toolFrom(source: Source): Promise<PulumiTool> {
  if (source === "toolchain") return fromToolchain();
  const tool: PulumiTool =
    source === "path"
      ? { command: "pulumi", env: {} }
      : (fetchedCli() ?? (await withLock("pulumi-cli", async () => fetchedCli() ?? fetchCli())));
  await ensurePlugins(tool);
  return tool;
}

async function fromToolchain(): Promise<PulumiTool> {
  return withLock("toolchain", async () => {
    const { bin, env } = await installToolchain({ cacheDir, projectDir, step });
    return toolAt(bin, env);
  });
}

/** Where a program's reason stands: at the end of its output. */
function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? text;
}

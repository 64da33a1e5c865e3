import { commandOf } from "../lib/pulumi/arguments.ts";
import { namedStack, parseStackArguments, DEFAULT_STACK } from "./arguments.ts";
import { UserError } from "../lib/errors.ts";
import { swallowedFlags } from "./npmFlags.ts";
import { projectDir } from "../lib/paths.ts";
import { prepare } from "../setup/prepare.ts";
import { runAttached } from "../lib/process.ts";
import { say } from "../lib/progress.ts";
import { ensurePulumi } from "../setup/pulumi/ensure.ts";
import type { PulumiTool } from "../lib/pulumi/tool.ts";
import { beforeDestroy, beforeUp, withDrift } from "../operations/recovery/beforeUpdate.ts";
import { beginUpdate } from "../operations/recovery/recover.ts";
import { withStackLock } from "../operations/recovery/stackLock.ts";
import { openStack, type StackContext } from "../lib/pulumi/stackContext.ts";
import { policyFlags } from "./policy.ts";
import { refuseIfProtected } from "./protection.ts";

export type StackCommand = "preview" | "up" | "destroy" | "outputs";

/** Commands of Pulumi that reach for containers. */
const TOUCHES_CONTAINERS = new Set([
  "up",
  "update",
  "preview",
  "pre",
  "destroy",
  "down",
  "refresh",
  "import",
  "watch",
]);

/** Those of them that change nothing, and so wait for nobody. */
const PREVIEWS = new Set(["preview", "pre"]);

/** `npm run preview|up|destroy|outputs [stack] [-- Pulumi's flags]`. Returns the exit status. */
export async function runStackCommand(command: StackCommand, args: string[]): Promise<number> {
  warnOfSwallowedFlags(command, args);
  const { stack, flags } = parseStackArguments(args);
  const tool = command === "outputs" ? await ensurePulumi() : await prepare();
  const context = await openStack(tool, stack, { create: command === "preview" || command === "up" });
  if (!context.exists) {
    if (command === "outputs")
      throw new UserError(`Stack ${stack} is not there. Bring it up first: npm run up -- ${stack}`);
    say(`Stack ${stack} is not there: nothing to destroy.`);
    return 0;
  }
  const run = async () => {
    const args = pulumiArguments(command, stack, flags);
    const status = await runAttached(tool.command, args, { cwd: projectDir, env: context.env });
    context.finish([command, ...flags]);
    return status;
  };
  if (command === "up" || command === "destroy") return update(command, tool, context, flags, run);
  return command === "preview" ? withDrift(tool, context, flags, run) : run();
}

/** Nobody else changes the stack meanwhile; what an earlier run or a person has left in the way is mended first. */
function update(
  command: "up" | "destroy",
  tool: PulumiTool,
  context: StackContext,
  flags: string[],
  run: () => Promise<number>,
): Promise<number> {
  return withStackLock(context, async () => {
    if (command === "up") await beforeUp(tool, context, flags);
    else {
      await refuseIfProtected(tool, context);
      await beforeDestroy(tool, context);
    }
    const succeeded = beginUpdate(context);
    const status = await run();
    if (status === 0) succeeded();
    return status;
  });
}

/**
 * Pulumi's arguments. The dev stack is updated and destroyed without a question, and so without the preview that would
 * come before it; any other asks as Pulumi does.
 */
export function pulumiArguments(command: StackCommand, stack: string, flags: string[]): string[] {
  if (command === "outputs") return ["stack", "output", "--stack", stack, "--json", ...flags];
  const asks = command === "up" || command === "destroy";
  const answered = flags.some((flag) => flag === "--yes" || flag === "-y" || flag.startsWith("--yes="));
  const yes = asks && stack === DEFAULT_STACK && !answered ? ["--yes", "--skip-preview"] : [];
  return [command, "--stack", stack, ...yes, ...policyFlags(command), ...flags];
}

/** `npm run pulumi -- <anything>`: Pulumi itself, with this project's tools, state and passphrase, and without its rules. */
export async function runPulumi(args: string[]): Promise<number> {
  const stack = namedStack(args) ?? process.env["PULUMI_STACK"] ?? DEFAULT_STACK;
  const command = commandOf(args) ?? "";
  const touches = TOUCHES_CONTAINERS.has(command);
  const tool = touches ? await prepare() : await ensurePulumi();
  const context = await openStack(tool, stack, { create: touches });
  const run = async () => {
    const status = await runAttached(tool.command, args, { cwd: projectDir, env: context.env });
    context.finish(args);
    return status;
  };
  return touches && !PREVIEWS.has(command) ? withStackLock(context, run) : run();
}

function warnOfSwallowedFlags(command: string, args: string[]): void {
  const swallowed = swallowedFlags(command, args, process.env);
  if (!swallowed) return;
  const text = `npm kept ${swallowed.flags.join(" ")} for itself, as it does without "--". Write: ${swallowed.remedy}`;
  if (swallowed.fatal) throw new UserError(text);
  say(`! ${text}`);
}

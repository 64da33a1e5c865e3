import { parseStackArguments } from "./arguments.ts";
import { UserError, messageOf } from "../lib/errors.ts";
import { swallowedFlags } from "./npmFlags.ts";
import { say } from "../lib/progress.ts";
import { ensurePulumi } from "../setup/pulumi/ensure.ts";
import { withStackLock } from "../operations/recovery/stackLock.ts";
import { readSecrets } from "../lib/pulumi/state.ts";
import { openStack, type StackContext } from "../lib/pulumi/stackContext.ts";

/** `npm run switchover -- [stack] [--to <member>]`: another member becomes the primary. Returns the exit status. */
export async function runSwitchover(args: string[]): Promise<number> {
  const { stack, to } = parseSwitchoverArguments(args);
  const { context, members, byHand } = await membersOf(stack);
  if (to !== undefined && !(to in members.members)) {
    throw new UserError(
      `Stack ${stack} has no member ${to}; it has ${Object.keys(members.members).join(", ")}.`,
    );
  }
  const done = await alone(context, () => byHand.manualSwitchover(members, to));
  say(`✓ ${done.to} is the primary, ${done.from} follows it; clients waited ${seconds(done.waitedMs)}`);
  return 0;
}

/** `npm run restart -- [stack]`: restarts, one after the other, the members that wait for it. Returns the exit status. */
export async function runRestart(args: string[]): Promise<number> {
  const { stack, flags } = parseStackArguments(args);
  if (flags.length > 0) throw new UserError(`restart does not take ${flags.join(" ")}; it takes [stack].`);
  const { context, members, byHand } = await membersOf(stack);
  const waited = await alone(context, () => byHand.manualRestart(members, (step) => say(`› ${step}`)));
  if (waited.length === 0) {
    say("✓ no parameter waits for a restart: nothing was restarted");
    return 0;
  }
  const values = [...new Set(waited.map(({ parameter, wanted }) => `${parameter} = ${wanted}`))];
  say(`✓ in force on every member: ${values.join(", ")}`);
  say(`  The outputs follow with the next refresh: npm run up -- ${stack} --refresh`);
  return 0;
}

/** Reads `[stack] [--to <member>]`. @throws Fault for anything else */
export function parseSwitchoverArguments(args: string[]): { stack: string; to?: string } {
  const swallowed = swallowedFlags("switchover", args, process.env);
  if (swallowed) {
    throw new UserError(
      `npm kept ${swallowed.flags.join(" ")} for itself, as it does without "--". Write: ${swallowed.remedy}`,
    );
  }
  const rest: string[] = [];
  let to: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg !== "--to" && !arg.startsWith("--to=")) rest.push(arg);
    else to = arg === "--to" ? (args[++i] ?? "") : arg.slice("--to=".length);
  }
  if (to === "" || to?.startsWith("-")) {
    throw new UserError("--to needs the name of a member, such as postgres-2.");
  }
  const { stack, flags } = parseStackArguments(rest);
  if (flags.length > 0) {
    throw new UserError(`switchover does not take ${flags.join(" ")}; it takes [stack] and --to <member>.`);
  }
  return { stack, ...(to !== undefined && { to }) };
}

async function membersOf(stack: string) {
  const tool = await ensurePulumi();
  const context = await openStack(tool, stack, { create: false });
  const missing = new UserError(`Stack ${stack} is not there. Bring it up first: npm run up -- ${stack}`);
  if (!context.exists) throw missing;
  const deployment = await readSecrets(tool, context);
  // Only here: these need npm packages, which setup/ does without until they are installed.
  const byHand = await import("../operations/switchover/manualSwitchover.ts");
  const members = byHand.membersAccess(deployment);
  if (members === undefined) throw missing;
  return { context, members, byHand };
}

/** While no update of the stack runs. A refusal is a message to the operator, not a defect. */
function alone<T>(context: StackContext, work: () => Promise<T>): Promise<T> {
  return withStackLock(context, () =>
    work().catch((error: unknown) => {
      throw new UserError(messageOf(error), { cause: error });
    }),
  );
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

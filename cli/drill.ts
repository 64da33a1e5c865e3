import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { FAULT_NAMES, type FaultName } from "../operations/drill/names.ts";
import { DEFAULT_STACK, parseStackArguments } from "./arguments.ts";
import { UserError, messageOf } from "../lib/errors.ts";
import { swallowedFlags } from "./npmFlags.ts";
import { projectDir } from "../lib/paths.ts";
import { capture } from "../lib/process.ts";
import { say } from "../lib/progress.ts";
import { ensurePulumi } from "../setup/pulumi/ensure.ts";
import { readStack } from "../operations/stackOutputs.ts";
import { openStack } from "../lib/pulumi/stackContext.ts";

const USAGE =
  "npm run drill -- [stack] <fault…>|all [--rounds N] [--json[=FILE]] [--no-preview] [--yes]\n" +
  `Faults: ${FAULT_NAMES.join(", ")}`;

/** Exit status where something was worse than expected; 1 says that the drill itself could not be done. */
const MISSED = 2;
const INTERRUPTED = 130;
const MOST_ROUNDS = 100;

export interface DrillArguments {
  stack: string;
  faults: FaultName[];
  rounds: number;
  /** Where the JSON goes: a path, or `-` for stdout, in the place of the table for people. */
  json?: string;
  /** Whether an update is previewed after each fault. */
  preview: boolean;
  /** Said for a stack that is not the dev stack of this machine. */
  yes: boolean;
}

/** `npm run drill -- …`: faults on a running stack, and what its clients see of them. Returns the exit status. */
export async function runDrill(args: string[]): Promise<number> {
  const swallowed = swallowedFlags("drill", args, process.env);
  if (swallowed)
    throw new UserError(`npm kept ${swallowed.flags.join(" ")} for itself. Write: ${swallowed.remedy}`);
  const asked = parseDrillArguments(args);
  const tool = await ensurePulumi();
  const context = await openStack(tool, asked.stack, { create: false });
  const { outputs, deployment } = await readStack(tool, context);
  const refusal = whyNot(asked, outputs.hosts);
  if (refusal !== undefined) throw new UserError(refusal);

  const { drill } = await import("../operations/drill/run.ts");
  const { isPassed, render } = await import("../operations/drill/report.ts");
  const { DrillStack } = await import("../operations/drill/stack.ts");
  const changes = async () => {
    const preview = ["preview", "--stack", asked.stack, "--non-interactive", "--expect-no-changes"];
    const done = await capture(tool.command, preview, { cwd: projectDir, env: context.env });
    return done.status === 0 ? undefined : (done.stdout + done.stderr).trim();
  };
  const interrupted = new AbortController();
  const stop = () => {
    if (!interrupted.signal.aborted) say("› interrupted: the fault is undone, one moment");
    interrupted.abort();
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    const found = { name: asked.stack, outputs, deployment };
    const stack = await DrillStack.find({ ...found, ...(asked.preview && { changes }) });
    const { signal } = interrupted;
    const report = await drill(stack, { faults: asked.faults, rounds: asked.rounds, signal, say });
    if (asked.json !== "-") process.stdout.write(render(report, tableWidth()));
    if (asked.json !== undefined) writeJson(report, asked.json);
    if (signal.aborted) return INTERRUPTED;
    return isPassed(report) ? 0 : MISSED;
  } catch (error) {
    throw new UserError(messageOf(error), { cause: error });
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

const SIGNALS: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Reads `[stack] <fault…>|all [flags]`: words that name no fault name the stack.
 * @throws Fault for anything that is not understood, with how it is written
 */
export function parseDrillArguments(args: readonly string[]): DrillArguments {
  const drill: DrillArguments = { stack: DEFAULT_STACK, faults: [], rounds: 1, preview: true, yes: false };
  const faults = new Set<FaultName>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const [flag, value] = /^(--[\w-]+)=(.*)$/.exec(arg)?.slice(1) ?? [arg];
    const next = args[i + 1];
    if (flag === "--json") {
      const takesNext = value === undefined && next !== undefined && /^-$|\.json$/.test(next);
      drill.json = (takesNext ? next : value) || "-";
      if (takesNext) i++;
    } else if (flag === "--rounds") drill.rounds = roundsOf(value ?? args[++i]);
    else if (arg === "--no-preview") drill.preview = false;
    else if (arg === "--yes") drill.yes = true;
    else if (arg === "all") for (const name of FAULT_NAMES) faults.add(name);
    else if (isFault(arg)) faults.add(arg);
    else rest.push(arg);
  }
  const stacks = rest.filter((word) => !word.startsWith("-"));
  if (stacks.length > 1 || (stacks.length === 1 && faults.size === 0))
    throw new UserError(`There is no fault called ${stacks.at(-1)!}. Write: ${USAGE}`);
  const { stack, flags } = parseStackArguments(rest);
  if (flags.length > 0) throw new UserError(`drill does not take ${flags.join(" ")}. Write: ${USAGE}`);
  if (faults.size === 0) throw new UserError(`Which fault? Write: ${USAGE}`);
  return { ...drill, stack, faults: [...faults] };
}

function isFault(word: string): word is FaultName {
  return FAULT_NAMES.some((name) => name === word);
}

function roundsOf(text: string | undefined): number {
  const rounds = Number(text);
  if (text === "" || !Number.isInteger(rounds) || rounds < 1 || rounds > MOST_ROUNDS)
    throw new UserError(
      `--rounds wants a whole number from 1 to ${MOST_ROUNDS}, not ${JSON.stringify(text ?? "nothing")}.`,
    );
  return rounds;
}

/** Nobody kills the containers of another stack than his own by mistake. @returns the refusal, if it is one */
export function whyNot(
  { stack, yes }: Pick<DrillArguments, "stack" | "yes">,
  hosts: readonly { name: string; docker: string }[],
): string | undefined {
  if (yes) return undefined;
  const away = hosts.filter(({ docker }) => !docker.startsWith("unix://"));
  const reasons = [
    ...(stack === DEFAULT_STACK ? [] : [`stack ${stack} is not the dev stack`]),
    ...away.map(({ name, docker }) => `its host ${name} is not this machine (${docker})`),
  ];
  if (reasons.length === 0) return undefined;
  return (
    `A drill kills containers and cuts off networks: ${reasons.join(", ")}. ` +
    "Clients of that stack will see it. Where it is meant, say so: --yes"
  );
}

function tableWidth(): number {
  return Math.min(Math.max(process.stdout.columns ?? 120, 100), 160);
}

/** @param path  from where npm was called; `-` for stdout */
function writeJson(report: object, path: string): void {
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  if (path === "-") return void process.stdout.write(text);
  const file = resolve(process.env["INIT_CWD"] ?? process.cwd(), path);
  writeFileSync(file, text);
  say(`✓ drill: ${file}`);
}

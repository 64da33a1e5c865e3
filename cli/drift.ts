import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { exitStatus, render, type DriftReport } from "../operations/drift/driftReport.ts";
import { parseStackArguments } from "./arguments.ts";
import { UserError } from "../lib/errors.ts";
import { swallowedFlags } from "./npmFlags.ts";
import { say } from "../lib/progress.ts";
import { ensurePulumi } from "../setup/pulumi/ensure.ts";
import { lookForDrift } from "../operations/drift/detect.ts";
import { reportInterruption } from "../operations/recovery/recover.ts";
import { readState } from "../lib/pulumi/state.ts";
import { openStack } from "../lib/pulumi/stackContext.ts";

/**
 * `npm run drift -- [stack] [--json[=FILE]]`: what is otherwise than the last update has left it. Changes nothing.
 * Returns 0 for nothing, 2 for drift, 1 where it could not look.
 */
export async function runDrift(args: string[]): Promise<number> {
  const { stack, json } = parseDriftArguments(args);
  const tool = await ensurePulumi();
  const context = await openStack(tool, stack, { create: false });
  if (!context.exists)
    throw new UserError(`Stack ${stack} is not there. Bring it up first: npm run up -- ${stack}`);
  const deployment = await readState(tool, context);
  reportInterruption(context, deployment);
  const { drift, notSeen } = await lookForDrift(tool, context, deployment);
  const report = { stack, drift, notSeen };
  if (json === undefined) process.stdout.write(render(report));
  else writeJson(report, json);
  return exitStatus(report);
}

/**
 * Reads `[stack] [--json[=FILE]]`.
 * @returns json: a path, or `-` for stdout; undefined for people's text
 * @throws Fault for anything else
 */
export function parseDriftArguments(args: string[]): { stack: string; json?: string } {
  const swallowed = swallowedFlags("drift", args, process.env);
  if (swallowed) {
    throw new UserError(
      `npm kept ${swallowed.flags.join(" ")} for itself, as it does without "--". Write: ${swallowed.remedy}`,
    );
  }
  const isJson = (arg: string) => arg === "--json" || arg.startsWith("--json=");
  const given = args.filter(isJson).at(-1);
  const { stack, flags } = parseStackArguments(args.filter((arg) => !isJson(arg)));
  if (flags.length > 0)
    throw new UserError(`drift does not take ${flags.join(" ")}; it takes [stack] and --json[=FILE].`);
  return { stack, ...(given !== undefined && { json: given.slice("--json=".length) || "-" }) };
}

/** @param path  from where npm was called; `-` for stdout */
function writeJson(report: DriftReport, path: string): void {
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  if (path === "-") return void process.stdout.write(text);
  const file = resolve(process.env["INIT_CWD"] ?? process.cwd(), path);
  writeFileSync(file, text);
  say(`✓ drift of stack ${report.stack}: ${file}`);
}

import { parseArgs } from "node:util";
import { DEFAULT_STACK, parseStackArguments } from "./arguments.ts";
import { UserError, messageOf } from "../lib/errors.ts";
import { swallowedFlags } from "./npmFlags.ts";
import { capture } from "../lib/process.ts";
import { ensurePulumi } from "../setup/pulumi/ensure.ts";
import type { PulumiTool } from "../lib/pulumi/tool.ts";
import { outputsOf } from "../operations/stackOutputs.ts";
import { openStack, type StackContext } from "../lib/pulumi/stackContext.ts";
import { protectedNames } from "../lib/pulumi/deployment.ts";
import { readState } from "../lib/pulumi/state.ts";

const USAGE =
  "npm run seed-data -- --rows N [--stack dev] [--seed S] [--tables a,b] [--months M] [--until 2026-11-30T12:00:00Z]";

export interface SeedArguments {
  stack: string;
  rows: number;
  seed?: number;
  months?: number;
  until?: Date;
  tables?: string[];
  intoProtected: boolean;
}

/** `npm run seed-data -- --rows N …`: fills the tables of a stack with generated rows. Returns the exit status. */
export async function runSeedData(args: string[]): Promise<number> {
  const swallowed = swallowedFlags("seed-data", args, process.env);
  if (swallowed)
    throw new UserError(`npm kept ${swallowed.flags.join(" ")} for itself. Write: ${swallowed.remedy}`);
  const asked = parseSeedArguments(args);
  const tool = await ensurePulumi();
  const context = await openStack(tool, asked.stack, { create: false });
  if (!context.exists)
    throw new UserError(`Stack ${asked.stack} is not there. Bring it up first: npm run up -- ${asked.stack}`);
  if (!asked.intoProtected) await refuseProtected(tool, context);

  // These need Node's packages, which are there only by now.
  const { fillStack, summary } = await import("../operations/seed/fillStack.ts");
  const report = await fillStack(await outputsOf(tool, context), asked);
  if (report.tables.length > 0) process.stdout.write(`${summary(report)}\n`);
  return 0;
}

/** @throws Fault for anything that is not understood, with how it is written */
export function parseSeedArguments(args: string[]): SeedArguments {
  const { values, positionals } = parsed(args);
  const stacks = [...positionals, ...(values.stack === undefined ? [] : ["--stack", values.stack])];
  const { stack } = stacks.length > 0 ? parseStackArguments(stacks) : { stack: DEFAULT_STACK };
  const rows = count("--rows", values.rows);
  if (rows === undefined) throw new UserError(`--rows is missing. Write: ${USAGE}`);
  return {
    stack,
    rows,
    seed: count("--seed", values.seed),
    months: count("--months", values.months, 1),
    until: moment(values.until),
    tables: values.tables?.split(",").map((name) => name.trim()),
    intoProtected: values["into-protected"] ?? false,
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        rows: { type: "string" },
        stack: { type: "string", short: "s" },
        seed: { type: "string" },
        months: { type: "string" },
        until: { type: "string" },
        tables: { type: "string" },
        "into-protected": { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UserError(`${messageOf(error)}\nWrite: ${USAGE}`);
  }
}

function count(flag: string, value: string | undefined, least = 0): number | undefined {
  if (value === undefined) return undefined;
  // 1_000_000 and 1e6 are both what people write.
  const number = Number(value.replaceAll("_", ""));
  if (value === "" || !Number.isSafeInteger(number) || number < least)
    throw new UserError(
      `${flag} wants a whole number${least > 0 ? ` from ${least} on` : ""}; this is ${JSON.stringify(value)}.`,
    );
  return number;
}

function moment(value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const date = new Date(value);
  if (Number.isNaN(date.getTime()))
    throw new UserError(
      `--until wants a time such as 2026-11-30T12:00:00Z; this is ${JSON.stringify(value)}.`,
    );
  return date;
}

/**
 * Nobody fills production by mistake: neither where data volumes are protected now, nor where the configuration wants it.
 * @throws Fault
 */
async function refuseProtected(tool: PulumiTool, context: StackContext): Promise<void> {
  const configured = await pulumi(tool, context, ["config", "--json"]);
  const isProtected = protectedNames(await readState(tool, context)).length > 0;
  if (!isProtected && !wantsProtection(configured)) return;
  throw new UserError(
    `Stack ${context.stack} holds protected data (acgs-db:dataVolumes), so no generated rows go into it. ` +
      `Where they really shall, say so: --into-protected. They are hard to take out again: audit trails keep theirs.`,
  );
}

/** Whether data volumes are protected, from `pulumi config --json`: they are, unless it is switched off. */
export function wantsProtection(configured: string): boolean {
  const values = JSON.parse(configured) as Record<
    string,
    { value?: string; objectValue?: { protect?: boolean } }
  >;
  const found = values["acgs-db:dataVolumes"];
  const volumes = found?.objectValue ?? (JSON.parse(found?.value ?? "{}") as { protect?: boolean });
  return volumes.protect !== false;
}

async function pulumi(tool: PulumiTool, context: StackContext, args: string[]): Promise<string> {
  const done = await capture(tool.command, [...args, "--stack", context.stack], { env: context.env });
  if (done.status !== 0) throw new UserError(`pulumi ${args.join(" ")}:\n${done.stderr.trim()}`);
  return done.stdout;
}

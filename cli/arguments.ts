import { UserError } from "../lib/errors.ts";
import { WITH_VALUE } from "../lib/pulumi/arguments.ts";

export interface StackArguments {
  stack: string;
  /** For Pulumi, without the stack. */
  flags: string[];
}

export const DEFAULT_STACK = "dev";

/** Names that Pulumi takes for a stack, also with organization and project before it. */
const STACK_NAME = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+){0,2}$/;

/**
 * Reads `[stack] [flags…]`. The stack is the first argument that is neither a flag nor a flag's value, or that of
 * `-s`/`--stack`; without either it is `dev`.
 * @throws Fault when two stacks are named, or the name is none
 */
export function parseStackArguments(args: string[]): StackArguments {
  const named: string[] = [];
  const flags: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const next = args[i + 1];
    if (arg === "-s" || arg === "--stack") {
      if (next === undefined) throw new UserError(`${arg} needs the name of a stack.`);
      named.push(next);
      i++;
    } else if (arg.startsWith("--stack=")) {
      named.push(arg.slice("--stack=".length));
    } else if (WITH_VALUE.has(arg) && next !== undefined) {
      flags.push(arg, next);
      i++;
    } else if (arg.startsWith("-")) {
      flags.push(arg);
    } else {
      named.push(arg);
    }
  }
  if (named.length > 1)
    throw new UserError(
      `One stack at a time: ${named.map((name) => JSON.stringify(name)).join(" and ")} were named.`,
    );
  const stack = named[0] ?? DEFAULT_STACK;
  if (!STACK_NAME.test(stack)) {
    throw new UserError(
      `${JSON.stringify(stack)} is not the name of a stack. Write: npm run <command> -- [stack] [Pulumi's flags]`,
    );
  }
  return { stack, flags };
}

export interface ReportArguments {
  stack: string;
  /** Where the JSON goes: a path, or `-` for stdout. Undefined: no JSON, a report for people. */
  json?: string;
  /** The command fails when there is advice of this severity or a worse one. */
  failOn?: "critical" | "warning";
}

/**
 * Reads `[stack] [--json[=FILE]] [--fail-on critical|warning]`. A word after `--json` is its file when it ends in
 * `.json` or is `-`; any other names the stack.
 * @throws Fault for anything else
 */
export function parseReportArguments(args: string[]): ReportArguments {
  const report: Omit<ReportArguments, "stack"> = {};
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const [flag, value] = /^(--[\w-]+)=(.*)$/.exec(arg)?.slice(1) ?? [arg];
    const next = args[i + 1];
    if (flag === "--json") {
      const takesNext = value === undefined && next !== undefined && /^-$|\.json$/.test(next);
      report.json = (takesNext ? next : value) || "-";
      if (takesNext) i++;
    } else if (flag === "--fail-on") {
      const severity = value ?? args[++i];
      if (severity !== "critical" && severity !== "warning") {
        throw new UserError(
          `--fail-on takes critical or warning, not ${JSON.stringify(severity ?? "nothing")}.`,
        );
      }
      report.failOn = severity;
    } else {
      rest.push(arg);
    }
  }
  const { stack, flags } = parseStackArguments(rest);
  if (flags.length > 0) {
    throw new UserError(
      `report does not take ${flags.join(" ")}; it takes [stack], --json[=FILE] and --fail-on.`,
    );
  }
  return { stack, ...report };
}

/** The stack that arguments for Pulumi itself name (`npm run pulumi -- config -s prod`), if they do. */
export function namedStack(args: string[]): string | undefined {
  for (const [i, arg] of args.entries()) {
    if (arg === "-s" || arg === "--stack") return args[i + 1];
    if (arg.startsWith("--stack=")) return arg.slice("--stack=".length);
  }
  return undefined;
}

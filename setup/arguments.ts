import { Fault } from "./fault.ts";

export interface StackArguments {
  stack: string;
  /** For Pulumi, without the stack. */
  flags: string[];
}

export const DEFAULT_STACK = "dev";

/** Flags of preview, up and destroy that take a value in the next argument: that value is not the stack's name. */
const WITH_VALUE = new Set([
  ...[
    "-t",
    "--target",
    "--replace",
    "--target-replace",
    "--exclude",
    "-m",
    "--message",
    "-c",
    "--config",
    "-p",
    "--parallel",
  ],
  ...[
    "--config-file",
    "--plan",
    "--save-plan",
    "--policy-pack",
    "--policy-pack-config",
    "--import-file",
    "--color",
    "--exec-kind",
  ],
  ...[
    "-C",
    "--cwd",
    "-v",
    "--verbose",
    "--tracing",
    "--otel-traces",
    "--profiling",
    "--attach-debugger",
    "--event-log",
  ],
]);

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
      if (next === undefined) throw new Fault(`${arg} needs the name of a stack.`);
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
    throw new Fault(
      `One stack at a time: ${named.map((name) => JSON.stringify(name)).join(" and ")} were named.`,
    );
  const stack = named[0] ?? DEFAULT_STACK;
  if (!STACK_NAME.test(stack)) {
    throw new Fault(
      `${JSON.stringify(stack)} is not the name of a stack. Write: npm run <command> -- [stack] [Pulumi's flags]`,
    );
  }
  return { stack, flags };
}

/** The stack that arguments for Pulumi itself name (`npm run pulumi -- config -s prod`), if they do. */
export function namedStack(args: string[]): string | undefined {
  for (const [i, arg] of args.entries()) {
    if (arg === "-s" || arg === "--stack") return args[i + 1];
    if (arg.startsWith("--stack=")) return arg.slice("--stack=".length);
  }
  return undefined;
}

/** The last part of a stack's name, which names its configuration file: `Pulumi.<name>.yaml`. */
export function shortName(stack: string): string {
  return stack.split("/").at(-1) ?? stack;
}

/** The command among arguments for Pulumi: the first that is neither a flag nor a flag's value. */
export function commandOf(args: readonly string[]): string | undefined {
  return args.find((arg, i) => !arg.startsWith("-") && !takesValue(args[i - 1]));
}

function takesValue(flag: string | undefined): boolean {
  return flag === "-s" || flag === "--stack" || (flag !== undefined && WITH_VALUE.has(flag));
}

/** Flags of preview, up and destroy that take a value in the next argument: that value is not the stack's name. */
export const WITH_VALUE = new Set([
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

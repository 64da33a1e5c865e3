export const DEFAULT_STACK = "dev";

/** Flags of preview, up and destroy that take a value in the next argument: that value is not the stack's name. */
const WITH_VALUE = new Set(
  (
    "-s --stack -t --target --replace --target-replace --exclude -m --message -c --config -p --parallel --config-file " +
    "--plan --save-plan --policy-pack --policy-pack-config --import-file --color --exec-kind -C --cwd -v --verbose " +
    "--tracing --otel-traces --profiling --attach-debugger --event-log"
  ).split(" "),
);

const isWord = (args: readonly string[], i: number) =>
  !args[i]!.startsWith("-") && !WITH_VALUE.has(args[i - 1] ?? "");

/** Separates the words that name a stack from Pulumi's flags and their values. */
export function splitFlags(args: readonly string[]): { stacks: string[]; flags: string[] } {
  return {
    stacks: args.filter((_, i) => isWord(args, i)),
    flags: args.filter((_, i) => !isWord(args, i)),
  };
}

/** The command among arguments for Pulumi: the first that is neither a flag nor a flag's value. */
export function commandOf(args: readonly string[]): string | undefined {
  return splitFlags(args).stacks[0];
}

/** The stack that arguments for Pulumi name (`config -s prod`), if they do. */
export function namedStack(args: readonly string[]): string | undefined {
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

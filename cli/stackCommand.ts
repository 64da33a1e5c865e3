import { projectDir } from "../lib/paths.ts";
import { runAttached } from "../lib/process.ts";
import { splitFlags } from "../lib/pulumi/arguments.ts";
import type { StackContext } from "../lib/pulumi/stackContext.ts";
import type { PulumiTool } from "../lib/pulumi/tool.ts";
import { type Command, define } from "./command.ts";
import { pulumiArguments, type StackCommand } from "./pulumiArguments.ts";

export interface PulumiRun {
  tool: PulumiTool;
  context: StackContext;
  flags: string[];
  /** Runs Pulumi's command of this name on this terminal. Returns its exit status. */
  pulumi: () => Promise<number>;
}

interface StackCommandDefinition {
  name: StackCommand;
  purpose: string;
  example: string;
  open: (stack: string) => Promise<{ tool: PulumiTool; context: StackContext }>;
  run: (run: PulumiRun) => Promise<number>;
}

/** A command of Pulumi's on one stack: `<command> [stack] [Pulumi's flags]`. */
export function defineStackCommand({ name, purpose, example, open, run }: StackCommandDefinition): Command {
  const ofPulumi = name === "outputs" ? "stack output" : name;
  return define<{ stack: string; flags: string[] }>({
    name,
    group: "Bring up and take down:",
    purpose,
    stack: true,
    passesFlagsTo: `pulumi ${ofPulumi}`,
    wordsHelp: `All other flags go to Pulumi: ./acgs pulumi ${ofPulumi} --help`,
    example,
    read: splitFlags,
    async run({ stack, flags }) {
      const { tool, context } = await open(stack);
      const pulumi = async () => {
        const args = pulumiArguments(name, stack, flags);
        const status = await runAttached(tool.command, args, { cwd: projectDir, env: context.env });
        context.finish([name, ...flags]);
        return status;
      };
      return run({ tool, context, flags, pulumi });
    },
  });
}

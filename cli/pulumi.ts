import { projectDir } from "../lib/paths.ts";
import { runAttached } from "../lib/process.ts";
import { commandOf, DEFAULT_STACK, namedStack } from "../lib/pulumi/arguments.ts";
import { openStack } from "../lib/pulumi/stackContext.ts";
import { withStackLock } from "../operations/recovery/stackLock.ts";
import { prepare } from "../setup/prepare.ts";
import { ensurePulumi } from "../setup/pulumi/ensure.ts";
import { define } from "./command.ts";
import { engineOf } from "./preparedStack.ts";

/** Commands of Pulumi that change containers, and those that only look at them and so wait for nobody. */
const CHANGES = new Set(["up", "update", "destroy", "down", "refresh", "import", "watch"]);
const PREVIEWS = new Set(["preview", "pre"]);

export const pulumi = define<{ args: string[] }>({
  name: "pulumi",
  group: "Bring up and take down:",
  purpose: "Runs Pulumi itself with this project's tools, state and passphrase, and without its rules.",
  words: "<Pulumi's arguments…>",
  passesAll: true,
  example: "pulumi stack ls",
  read: (args) => ({ args }),
  async run({ args }) {
    const stack = namedStack(args) ?? process.env["PULUMI_STACK"] ?? DEFAULT_STACK;
    const command = commandOf(args) ?? "";
    const changes = CHANGES.has(command);
    const create = changes || PREVIEWS.has(command);
    const tool = create ? await prepare(engineOf(stack)) : await ensurePulumi();
    const context = await openStack(tool, stack, { create });
    const run = async () => {
      const status = await runAttached(tool.command, args, { cwd: projectDir, env: context.env });
      context.finish(args);
      return status;
    };
    return changes ? withStackLock(context, run) : run();
  },
});

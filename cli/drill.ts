import { Option } from "commander";
import { messageOf, UserError } from "../lib/errors.ts";
import { projectDir } from "../lib/paths.ts";
import { capture } from "../lib/process.ts";
import { say } from "../lib/progress.ts";
import { DEFAULT_STACK } from "../lib/pulumi/arguments.ts";
import { FAULT_NAMES, type FaultName } from "../operations/drill/names.ts";
import { isPassed, render } from "../operations/drill/report.ts";
import { drill as runDrill } from "../operations/drill/run.ts";
import { DrillStack } from "../operations/drill/stack.ts";
import { readStack } from "../operations/stackOutputs.ts";
import { define, jsonOption, valueOption, wholeNumber } from "./command.ts";
import { type ExistingStack, openExisting } from "./existingStack.ts";
import { EXIT } from "./exitStatus.ts";
import { print, tableWidth, writeJson } from "./output.ts";

const SIGNALS: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

export interface DrillArguments {
  stack: string;
  faults: FaultName[];
  rounds: number;
  json?: string;
  preview: boolean;
  yes?: boolean;
}

export const drill = define<DrillArguments>({
  name: "drill",
  group: "Act on a stack:",
  purpose:
    "Injects faults into a running stack and measures the impact on clients. Exits with 2 if a limit was missed.",
  words: "[stack] <fault…>|all",
  wordsHelp: `Faults: ${FAULT_NAMES.join(", ")}.`,
  stack: true,
  options: [
    valueOption("--rounds <number>", "how often each fault is injected", wholeNumber(1, 100)).default(1),
    jsonOption(),
    new Option("--no-preview", "do not preview an update after each fault"),
    new Option("--yes", "needed for any stack but the dev stack of this machine"),
  ],
  example: "drill leader-killed --rounds 5 --json drill.json",
  read: sortFaults,
  async run(asked) {
    const existing = await openExisting(asked.stack);
    const { outputs, deployment } = await readStack(existing.tool, existing.context);
    const refusal = whyNot(asked, outputs.hosts);
    if (refusal !== undefined) throw new UserError(refusal);
    const interrupted = new AbortController();
    const stop = () => {
      if (!interrupted.signal.aborted) say("› interrupted: the fault is undone, one moment");
      interrupted.abort();
    };
    for (const signal of SIGNALS) process.on(signal, stop);
    try {
      const changes = asked.preview ? { changes: () => previewedChanges(existing) } : {};
      const stack = await DrillStack.find({ name: asked.stack, outputs, deployment, ...changes });
      const { faults, rounds, json } = asked;
      const { signal } = interrupted;
      const report = await runDrill(stack, { faults, rounds, signal, say });
      if (json !== "-") print(render(report, tableWidth(100, 160, 120)));
      if (json !== undefined) writeJson(report, json, "drill");
      if (signal.aborted) return EXIT.interrupted;
      return isPassed(report) ? EXIT.ok : EXIT.found;
    } catch (error) {
      throw new UserError(messageOf(error), { cause: error });
    } finally {
      for (const signal of SIGNALS) process.off(signal, stop);
    }
  },
});

/** What a preview would change, as it says it; undefined for nothing. */
async function previewedChanges({
  tool,
  context: { stack, env },
}: ExistingStack): Promise<string | undefined> {
  const preview = ["preview", "--stack", stack, "--non-interactive", "--expect-no-changes"];
  const done = await capture(tool.command, preview, { cwd: projectDir, env });
  return done.status === 0 ? undefined : (done.stdout + done.stderr).trim();
}

/** Words that name no fault name the stack. @throws UserError for a misspelt fault */
function sortFaults(words: string[]): { faults: FaultName[]; stacks: string[] } {
  const isFault = (word: string) => FAULT_NAMES.find((name) => name === word);
  const faults = words.flatMap((word) => (word === "all" ? FAULT_NAMES : (isFault(word) ?? [])));
  const stacks = words.filter((word) => word !== "all" && !isFault(word));
  if (stacks.length > 1 || (stacks.length === 1 && faults.length === 0))
    throw new UserError(
      `There is no fault called ${stacks.at(-1)!}. The faults are ${FAULT_NAMES.join(", ")}.`,
    );
  if (faults.length === 0) throw new UserError(`Which fault? The faults are ${FAULT_NAMES.join(", ")}.`);
  return { faults: [...new Set(faults)], stacks };
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

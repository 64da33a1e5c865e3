import { readState } from "../lib/pulumi/state.ts";
import { lookForDrift } from "../operations/drift/detect.ts";
import { type DriftReport, render } from "../operations/drift/driftReport.ts";
import { reportInterruption } from "../operations/recovery/recover.ts";
import { define, jsonOption } from "./command.ts";
import { openExisting } from "./existingStack.ts";
import { EXIT } from "./exitStatus.ts";
import { print, writeJson } from "./output.ts";

export const drift = define<{ stack: string; json?: string }>({
  name: "drift",
  group: "Look at a stack:",
  purpose:
    "Finds what was changed since the last update, and changes nothing. Exits with 2 for drift, 1 where it could not look.",
  stack: true,
  options: [jsonOption()],
  example: "drift prod --json drift.json",
  async run({ stack, json }) {
    const { tool, context } = await openExisting(stack);
    const deployment = await readState(tool, context);
    reportInterruption(context, deployment);
    const { drift, notSeen } = await lookForDrift(tool, context, deployment);
    const report = { stack, drift, notSeen };
    if (json === undefined) print(render(report));
    else writeJson(report, json, `drift of stack ${stack}`);
    return exitStatus(report);
  },
});

/** Drift counts first: it is certain. */
export function exitStatus({ drift, notSeen }: DriftReport): number {
  if (drift.length > 0) return EXIT.found;
  return notSeen.length > 0 ? EXIT.failed : EXIT.ok;
}

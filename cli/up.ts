import { UserError } from "../lib/errors.ts";
import { say } from "../lib/progress.ts";
import { restoreRoleSettings } from "../operations/drift/repair.ts";
import { beforeUp } from "../operations/recovery/beforeUpdate.ts";
import { beginUpdate } from "../operations/recovery/recover.ts";
import { withStackLock } from "../operations/recovery/stackLock.ts";
import { outputsOf } from "../operations/stackOutputs.ts";
import { updateSummary } from "../operations/updateSummary.ts";
import { openPrepared } from "./preparedStack.ts";
import { defineStackCommand, type PulumiRun } from "./stackCommand.ts";

export const up = defineStackCommand({
  name: "up",
  purpose: "Creates or updates a stack. The dev stack is updated without a question.",
  example: "up prod --yes",
  open: (stack) => openPrepared(stack, true),
  run: (run) =>
    withStackLock(run.context, async () => {
      const { makesRolesAgain } = await beforeUp(run.tool, run.context, run.flags);
      const status = await markedUpdate(run);
      if (status === 0 && makesRolesAgain) await restoreRoleSettings(run.tool, run.context);
      if (status === 0) await summarize(run);
      return status;
    }),
});

/** Until Pulumi has succeeded, the update is marked as unfinished: the next run then cleans up after it. */
export async function markedUpdate({ context, pulumi }: PulumiRun): Promise<number> {
  const succeeded = beginUpdate(context);
  const status = await pulumi();
  if (status === 0) succeeded();
  return status;
}

/** A part of a stack (`--target`) may have no outputs yet: that is no fault of the update. */
async function summarize({ tool, context }: PulumiRun): Promise<void> {
  try {
    for (const line of updateSummary(await outputsOf(tool, context), context.stack)) say(line);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say(`› ${error.message}`);
  }
}

import { beforeUp } from "../operations/recovery/beforeUpdate.ts";
import { beginUpdate } from "../operations/recovery/recover.ts";
import { withStackLock } from "../operations/recovery/stackLock.ts";
import { openPrepared } from "./preparedStack.ts";
import { defineStackCommand, type PulumiRun } from "./stackCommand.ts";

export const up = defineStackCommand({
  name: "up",
  purpose: "Creates or updates a stack. The dev stack is updated without a question.",
  example: "up prod --yes",
  open: (stack) => openPrepared(stack, true),
  run: (run) =>
    withStackLock(run.context, async () => {
      await beforeUp(run.tool, run.context, run.flags);
      return markedUpdate(run);
    }),
});

/** Until Pulumi has succeeded, the update is marked as unfinished: the next run then cleans up after it. */
export async function markedUpdate({ context, pulumi }: PulumiRun): Promise<number> {
  const succeeded = beginUpdate(context);
  const status = await pulumi();
  if (status === 0) succeeded();
  return status;
}

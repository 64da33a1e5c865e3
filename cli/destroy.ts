import { say } from "../lib/progress.ts";
import { beforeDestroy } from "../operations/recovery/beforeUpdate.ts";
import { withStackLock } from "../operations/recovery/stackLock.ts";
import { EXIT } from "./exitStatus.ts";
import { openPrepared } from "./preparedStack.ts";
import { refuseIfProtected } from "./protection.ts";
import { defineStackCommand } from "./stackCommand.ts";
import { markedUpdate } from "./up.ts";

export const destroy = defineStackCommand({
  name: "destroy",
  purpose: "Deletes a stack with its data. Protected data stops it before it begins.",
  example: "destroy dev",
  open: (stack) => openPrepared(stack, false),
  async run(run) {
    const { tool, context } = run;
    if (!context.exists) {
      say(`Stack ${context.stack} is not there: nothing to destroy.`);
      return EXIT.ok;
    }
    return withStackLock(context, async () => {
      await refuseIfProtected(tool, context);
      await beforeDestroy(tool, context);
      return markedUpdate(run);
    });
  },
});

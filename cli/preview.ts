import { withDrift } from "../operations/recovery/beforeUpdate.ts";
import { openPrepared } from "./preparedStack.ts";
import { defineStackCommand } from "./stackCommand.ts";

export const preview = defineStackCommand({
  name: "preview",
  purpose: "Shows what an update would change, and what that interrupts.",
  example: "preview prod --diff",
  open: (stack) => openPrepared(stack, true),
  run: ({ tool, context, flags, pulumi }) => withDrift(tool, context, flags, pulumi),
});

import { openExisting } from "./existingStack.ts";
import { defineStackCommand } from "./stackCommand.ts";

export const outputs = defineStackCommand({
  name: "outputs",
  purpose: "Prints a stack's outputs as JSON: addresses, ports, logins.",
  example: "outputs dev --show-secrets",
  open: openExisting,
  run: ({ pulumi }) => pulumi(),
});

import { UserError } from "../lib/errors.ts";
import { openStack, type StackContext } from "../lib/pulumi/stackContext.ts";
import type { PulumiTool } from "../lib/pulumi/tool.ts";
import { ensurePulumi } from "../setup/pulumi/ensure.ts";

export interface ExistingStack {
  tool: PulumiTool;
  context: StackContext;
}

/** @throws UserError where nothing was ever brought up under this name */
export async function openExisting(stack: string): Promise<ExistingStack> {
  const tool = await ensurePulumi();
  const context = await openStack(tool, stack, { create: false });
  if (context.exists) return { tool, context };
  throw new UserError(`Stack ${stack} is not there. Bring it up first: npm run up -- ${stack}`);
}

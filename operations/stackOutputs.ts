import { type StackOutputs, stackOutputsSchema } from "../components/stack/outputs.ts";
import { UserError } from "../lib/errors.ts";
import { type Deployment, resourcesOf, revealed } from "../lib/pulumi/deployment.ts";
import { readSecrets } from "../lib/pulumi/state.ts";
import type { StackContext } from "../lib/pulumi/stackContext.ts";
import type { PulumiTool } from "../lib/pulumi/tool.ts";
import { TYPE } from "../lib/pulumi/types.ts";
import { trustStack } from "../lib/trust.ts";

/** A running stack as its state tells of it. Secrets are in plain, and stay in this process. */
export interface KnownStack {
  outputs: StackOutputs;
  deployment: Deployment;
}

/** @throws UserError when the stack is not there, or lacks outputs because its update did not end */
export async function readStack(tool: PulumiTool, context: StackContext): Promise<KnownStack> {
  const { stack, exists } = context;
  if (!exists) throw new UserError(`Stack ${stack} is not there. Bring it up first: npm run up -- ${stack}`);
  const deployment = await readSecrets(tool, context);
  return { outputs: outputsIn(deployment, stack), deployment };
}

/** A stack's outputs; see {@link readStack}. */
export async function outputsOf(tool: PulumiTool, context: StackContext): Promise<StackOutputs> {
  return (await readStack(tool, context)).outputs;
}

/**
 * The outputs in a state with secrets. From then on this process trusts the stack's servers: what it connects to is this stack.
 *
 * @throws UserError when some are missing, because an update did not end
 */
export function outputsIn(deployment: Deployment, stack: string): StackOutputs {
  const [found] = resourcesOf(deployment, TYPE.stack);
  const outputs = stackOutputsSchema.safeParse(revealed(found?.outputs ?? {}));
  if (outputs.success) {
    trustStack(outputs.data);
    return outputs.data;
  }
  const paths = outputs.error.issues.map(({ path }) => path.join("."));
  throw new UserError(
    `Stack ${stack} lacks outputs (${paths.join(", ")}). Finish its update first: npm run up -- ${stack}`,
  );
}

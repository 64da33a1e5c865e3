import { type StackOutputs, stackOutputsSchema } from "../components/stack/outputs.ts";
import { UserError } from "../lib/errors.ts";
import { projectDir } from "../lib/paths.ts";
import { capture } from "../lib/process.ts";
import type { PulumiTool } from "../lib/pulumi/tool.ts";
import type { StackContext } from "../lib/pulumi/stackContext.ts";
import { trustStack } from "../lib/trust.ts";

/**
 * A stack's outputs with their secrets, which stay in this process. From then on it trusts the stack's servers.
 * @throws Fault when the stack is not there, or lacks outputs because its update did not end
 */
export async function outputsOf(
  tool: PulumiTool,
  { stack, env, exists }: StackContext,
): Promise<StackOutputs> {
  if (!exists) throw new UserError(`Stack ${stack} is not there. Bring it up first: npm run up -- ${stack}`);
  const asked = ["stack", "output", "--stack", stack, "--json", "--show-secrets"];
  const done = await capture(tool.command, asked, { cwd: projectDir, env });
  if (done.status !== 0)
    throw new UserError(`The outputs of stack ${stack} cannot be read.\n${done.stderr.trim()}`);
  const outputs = stackOutputsSchema.safeParse(JSON.parse(done.stdout));
  if (outputs.success) {
    // What the command connects to is this stack.
    trustStack(outputs.data);
    return outputs.data;
  }
  const paths = outputs.error.issues.map(({ path }) => path.join("."));
  throw new UserError(
    `Stack ${stack} lacks outputs (${paths.join(", ")}). Finish its update first: npm run up -- ${stack}`,
  );
}

import { openStack } from "../lib/pulumi/stackContext.ts";
import { prepare } from "../setup/prepare.ts";

/** Pulumi, Docker and base images made ready, and the stack opened. @param create  makes the stack where it is not there */
export async function openPrepared(stack: string, create: boolean) {
  const tool = await prepare();
  return { tool, context: await openStack(tool, stack, { create }) };
}

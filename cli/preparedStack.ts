import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { enginesIn } from "../lib/environment.ts";
import { projectDir } from "../lib/paths.ts";
import { shortName } from "../lib/pulumi/arguments.ts";
import { openStack } from "../lib/pulumi/stackContext.ts";
import { prepare } from "../setup/prepare.ts";

/** Pulumi, Docker and base images made ready, and the stack opened. @param create  makes the stack where it is not there */
export async function openPrepared(stack: string, create: boolean) {
  const tool = await prepare(engineOf(stack));
  return { tool, context: await openStack(tool, stack, { create }) };
}

/** The endpoint of a stack's Docker engine, where its file names one. */
export function engineOf(stack: string): string | undefined {
  const file = join(projectDir, `Pulumi.${shortName(stack)}.yaml`);
  return existsSync(file) ? enginesIn(readFileSync(file, "utf8"))[0] : undefined;
}

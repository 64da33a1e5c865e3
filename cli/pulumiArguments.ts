import { join } from "node:path";
import { projectDir } from "../lib/paths.ts";
import { DEFAULT_STACK } from "../lib/pulumi/arguments.ts";

export type StackCommand = "preview" | "up" | "destroy" | "outputs";

/** The rules that a stack must keep, as a program that Pulumi's engine asks. */
export const policyPack = join(projectDir, "policy", "serve");

/** Flags by which a preview or an update refuses a stack that breaks a rule; a destroy has nothing to check. */
export function policyFlags(command: string): string[] {
  return command === "preview" || command === "up" ? ["--policy-pack", policyPack] : [];
}

/**
 * Pulumi's arguments. The dev stack is updated and destroyed without a question, and so without the preview that would
 * come before it; any other asks as Pulumi does. Of the outputs, which are a thousand lines, `up` prints a summary of its own.
 */
export function pulumiArguments(command: StackCommand, stack: string, flags: string[]): string[] {
  if (command === "outputs") return ["stack", "output", "--stack", stack, "--json", ...flags];
  const asks = command === "up" || command === "destroy";
  const answered = flags.some((flag) => flag === "--yes" || flag === "-y" || flag.startsWith("--yes="));
  const yes = asks && stack === DEFAULT_STACK && !answered ? ["--yes", "--skip-preview"] : [];
  const quiet = command === "up" ? ["--suppress-outputs"] : [];
  return [command, "--stack", stack, ...yes, ...quiet, ...policyFlags(command), ...flags];
}

import { join } from "node:path";
import { projectDir } from "../lib/paths.ts";

/** The rules that a stack must keep, as a program that the engine asks. */
export const policyPack = join(projectDir, "policy", "serve");

/** Flags by which a preview or an update refuses a stack that breaks a rule; a destroy has nothing to check. */
export function policyFlags(command: string): string[] {
  return command === "preview" || command === "up" ? ["--policy-pack", policyPack] : [];
}

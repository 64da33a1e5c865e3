import { Fault } from "../fault.ts";
import { capture } from "../process.ts";
import type { PulumiTool } from "../pulumi/tool.ts";

interface Checkpoint {
  deployment?: { resources?: { urn: string; protect?: boolean }[] };
}

/** Names of a stack's protected resources, from `pulumi stack export`. */
export function protectedNames(exported: string): string[] {
  const { deployment } = JSON.parse(exported) as Checkpoint;
  return (deployment?.resources ?? [])
    .filter(({ protect }) => protect === true)
    .map(({ urn }) => urn.split("::").at(-1)!);
}

/**
 * Stops a destroy before it begins where a part of the stack is protected. Pulumi alone would first take all
 * containers down, and only then refuse to delete the data.
 *
 * @throws Fault that says how to lift the protection
 */
export async function refuseIfProtected(
  tool: PulumiTool,
  stack: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const exported = await capture(tool.command, ["stack", "export", "--stack", stack], { env });
  const names = exported.status === 0 ? protectedNames(exported.stdout) : [];
  if (names.length === 0) return;
  const some = names.slice(0, 5).join(", ") + (names.length > 5 ? " and others" : "");
  throw new Fault(
    `Stack ${stack} holds protected data (${some}): nothing was destroyed.\n` +
      `To delete it for good, set acgs-db:dataVolumes to {protect: false, retain: false} in Pulumi.${stack}.yaml, ` +
      `run \`npm run up -- ${stack}\`, then destroy again.`,
  );
}

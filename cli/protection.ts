import { dataName } from "../components/stack/data.ts";
import { UserError } from "../lib/errors.ts";
import { capture } from "../lib/process.ts";
import type { PulumiTool } from "../lib/pulumi/tool.ts";

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

/** What to tell of protected parts: which hold data, and what lifts the protection. @param names  of all that is protected */
export function protectedMessage(stack: string, names: readonly string[]): string {
  const data = names.filter((name) => dataName.test(name)).sort(byNumber);
  const some =
    (data.length > 0 ? data : names).slice(0, 5).join(", ") + (names.length > 5 ? " and others" : "");
  const lift =
    data.length > 0
      ? `name it in Pulumi.${stack}.yaml:\n\n  acgs-db:allowDataLoss: ${JSON.stringify(data)}\n\n` +
        `(with \`retain: false\` under acgs-db:dataVolumes, unless the volumes shall stay on the host),`
      : `set \`protect: false\` under acgs-db:dataVolumes in Pulumi.${stack}.yaml,`;
  return (
    `Stack ${stack} holds protected data (${some}): nothing was destroyed.\n` +
    `To delete it for good, ${lift} run \`npm run up -- ${stack}\`, then destroy again.`
  );
}

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
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
  throw new UserError(protectedMessage(stack, names));
}

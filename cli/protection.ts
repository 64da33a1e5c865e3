import { dataName } from "../components/stack/data.ts";
import { UserError } from "../lib/errors.ts";
import type { StackContext } from "../lib/pulumi/stackContext.ts";
import { exportOf } from "../lib/pulumi/state.ts";
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
 * @throws UserError that says how to lift the protection, or that the state cannot be read
 */
export async function refuseIfProtected(tool: PulumiTool, context: StackContext): Promise<void> {
  const names = protectedNames(await exportOf(tool, context, false));
  if (names.length > 0) throw new UserError(protectedMessage(context.stack, names));
}

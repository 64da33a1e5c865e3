import { dataName } from "../components/stack/data.ts";
import { UserError } from "../lib/errors.ts";
import { protectedNames } from "../lib/pulumi/deployment.ts";
import { readState } from "../lib/pulumi/state.ts";
import type { StackContext } from "../lib/pulumi/stackContext.ts";
import type { PulumiTool } from "../lib/pulumi/tool.ts";

/** So many names are enough to tell what is meant. */
const LISTED = 5;

/** What to tell of protected parts: which hold data, and what lifts the protection. @param names  of all that is protected */
export function protectedMessage(stack: string, names: readonly string[]): string {
  const data = names.filter((name) => dataName.test(name)).sort(byNumber);
  const listed = data.length > 0 ? data : names;
  const some = listed.slice(0, LISTED).join(", ") + (listed.length > LISTED ? " and others" : "");
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
 * @throws UserError that says how to lift the protection, or that the state cannot be read: then nothing says what it holds
 */
export async function refuseIfProtected(tool: PulumiTool, context: StackContext): Promise<void> {
  const names = protectedNames(await readState(tool, context));
  if (names.length > 0) throw new UserError(protectedMessage(context.stack, names));
}

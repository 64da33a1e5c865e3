import { messageOf, UserError } from "../lib/errors.ts";
import type { StackContext } from "../lib/pulumi/stackContext.ts";
import { withStackLock } from "../operations/recovery/stackLock.ts";
import { readSecrets } from "../lib/pulumi/state.ts";
import { membersAccess } from "../operations/switchover/manualSwitchover.ts";
import { openExisting } from "./existingStack.ts";

/** The members of a stack's PostgreSQL. @throws UserError where there are none */
export async function openMembers(stack: string) {
  const { tool, context } = await openExisting(stack);
  const members = membersAccess(await readSecrets(tool, context));
  if (members !== undefined) return { context, members };
  throw new UserError(`Stack ${stack} has no PostgreSQL yet. Bring it up first: npm run up -- ${stack}`);
}

/** Works while no update of the stack runs. A refusal is a message to the operator, not a defect. */
export function alone<T>(context: StackContext, work: () => Promise<T>): Promise<T> {
  return withStackLock(context, () =>
    work().catch((error: unknown) => {
      throw new UserError(messageOf(error), { cause: error });
    }),
  );
}

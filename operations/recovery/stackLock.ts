import { createHash } from "node:crypto";
import { withLock } from "../../lib/lock.ts";
import type { StackContext } from "../../lib/pulumi/stackContext.ts";
import { PATIENCE, stillBusy, untilUnlocked, waiting } from "./locks.ts";
import { endProcesses, listProcesses, processesOf } from "./strayProcesses.ts";
import { say } from "../../lib/progress.ts";

/**
 * Runs work that changes a stack while nobody else on this machine does. Of the local state, Pulumi's own lock is waited for
 * too, and what a killed run has left of locks and processes is cleared away before.
 *
 * @throws Fault when another run is not through within half an hour, saying which
 */
export function withStackLock<T>(
  context: StackContext,
  work: () => Promise<T>,
  patience = PATIENCE,
): Promise<T> {
  const { stack, local } = context;
  const backend = local?.backend ?? context.env["PULUMI_BACKEND_URL"] ?? "pulumi login";
  const id = createHash("sha256").update(`${backend} ${stack}`).digest("hex").slice(0, 12);
  const run = async () => {
    if (local) {
      await untilUnlocked({ stack, backend, locks: local.locks }, patience);
      await endOrphans(stack, backend);
    }
    return work();
  };
  return withLock(`stack-${id}`, run, {
    waiting: (holder) => waiting(stack, holder, patience),
    patience,
    gaveUp: (holder) => stillBusy(stack, holder, patience),
  });
}

/** Nobody changes the stack now, so plugins that are still at work belong to a Pulumi that was killed. */
async function endOrphans(stack: string, backend: string): Promise<void> {
  const { orphans } = processesOf(listProcesses(), stack, backend);
  if (orphans.length === 0) return;
  say(
    `› ${stack}: ended ${orphans.length} processes that a killed run has left (${orphans.map(({ pid }) => pid).join(", ")})`,
  );
  await endProcesses(orphans);
}

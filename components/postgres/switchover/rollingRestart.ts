import { running } from "../../../lib/docker/containers.ts";
import { onlyLowered, restartOrder, untilNonePends, waitUntilComplete } from "../bootstrap.ts";
import type { PendingRestart } from "../parametersInForce.ts";
import type { Patroni } from "../patroniClient.ts";
import { waitUntilRouted } from "../../haproxy/runtimeApi.ts";
import type { ProxyPath } from "./proxyPath.ts";
import { withPausedPools } from "./pausedPools.ts";
import { withDrainedReads } from "./drainedReads.ts";
import { NoCandidate, switchOver } from "./switchover.ts";

export interface RollingRestartArgs {
  patroni: Patroni;
  proxies: ProxyPath;
  members: readonly string[];
  /** What waits for a restart now. */
  pending: () => Promise<PendingRestart[]>;
  checkpoint: (member: string) => Promise<void>;
  /** Told of each step, in words. */
  say?: (step: string) => void;
}

/** A value that is raised and another that is lowered take two rounds. */
const ROUNDS = 4;
const ROUTED_WITHIN = 30_000;

/**
 * Restarts the members that wait for it, one after the other, so that no transaction through PgBouncer fails.
 *
 * Replicas are first, each while reads go elsewhere; then another member becomes the primary, and the former one is
 * restarted as a replica. Where a value may not be lower on a replica than on the primary, the primary is first: it is
 * restarted in its place while clients wait. So is a primary without a replica.
 *
 * @throws StillBusy where transactions would not end; members restarted so far stay so
 * @throws TimedOut where a member does not come back, or HAProxy does not send writers to the primary again
 * @throws Error that names what still waits after {@link ROUNDS}
 */
export async function rollingRestart(args: RollingRestartArgs): Promise<void> {
  const { patroni, members, pending } = args;
  await untilNonePends(ROUNDS, pending, async (waiting) => {
    const primary = await waitUntilComplete(patroni, members);
    for (const member of restartOrder(primary, waiting)) {
      if (member !== primary) await restartReplica(member, args);
      else if (onlyLowered(waiting)) await restartInPlace(member, args);
      else await restartAfterSwitchover(member, args);
      await waitUntilComplete(patroni, members);
    }
  });
}

async function restartReplica(member: string, { patroni, proxies, say }: RollingRestartArgs): Promise<void> {
  say?.(`${member} is restarted while reads go to others`);
  await withDrainedReads(member, proxies, () => patroni.restart(member));
}

async function restartAfterSwitchover(primary: string, args: RollingRestartArgs): Promise<void> {
  const { patroni, proxies, members, checkpoint, say } = args;
  try {
    const { to, waitedMs } = await switchOver({ patroni, proxies, among: members, checkpoint });
    say?.(`${to} is the primary; clients waited ${(waitedMs / 1000).toFixed(1)} s`);
  } catch (error) {
    if (!(error instanceof NoCandidate)) throw error;
    return restartInPlace(primary, args);
  }
  await restartReplica(primary, args);
}

async function restartInPlace(primary: string, args: RollingRestartArgs): Promise<void> {
  const { patroni, proxies, checkpoint, say } = args;
  await checkpoint(primary);
  const routers = await running(Object.values(proxies.routers));
  const { waitedMs } = await withPausedPools(proxies, async () => {
    await patroni.restart(primary);
    await waitUntilRouted(primary, routers, ROUTED_WITHIN);
  });
  say?.(`${primary} was restarted; clients waited ${(waitedMs / 1000).toFixed(1)} s`);
}

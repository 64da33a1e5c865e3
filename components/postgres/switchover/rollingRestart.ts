import { running } from "../../../lib/docker.ts";
import { onlyLowered, restartOrder, untilComplete } from "../bootstrap.ts";
import type { PendingRestart } from "../parametersInForce.ts";
import type { Patroni } from "../patroniClient.ts";
import { untilFollowed } from "../../haproxy/runtimeApi.ts";
import type { Chain } from "./proxyPath.ts";
import { whileClientsWait } from "./pausedPools.ts";
import { whileReadersAreElsewhere } from "./drainedReads.ts";
import { NoCandidate, switchOver } from "./switchover.ts";

export interface RollingRestartArgs {
  patroni: Patroni;
  chain: Chain;
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
 */
export async function rollingRestart(args: RollingRestartArgs): Promise<void> {
  const { patroni, members, pending } = args;
  for (let round = 0; round < ROUNDS; round++) {
    const waiting = await pending();
    if (waiting.length === 0) return;
    const primary = await untilComplete(patroni, members);
    for (const member of restartOrder(primary, waiting)) {
      if (member !== primary) await restartReplica(member, args);
      else if (onlyLowered(waiting)) await restartInPlace(member, args);
      else await restartAfterSwitchover(member, args);
      await untilComplete(patroni, members);
    }
  }
}

async function restartReplica(member: string, { patroni, chain, say }: RollingRestartArgs): Promise<void> {
  say?.(`${member} is restarted while reads go to others`);
  await whileReadersAreElsewhere(member, chain, () => patroni.restart(member));
}

async function restartAfterSwitchover(primary: string, args: RollingRestartArgs): Promise<void> {
  const { patroni, chain, members, checkpoint, say } = args;
  try {
    const { to, waitedMs } = await switchOver({ patroni, chain, among: members, checkpoint });
    say?.(`${to} is the primary; clients waited ${(waitedMs / 1000).toFixed(1)} s`);
  } catch (error) {
    if (!(error instanceof NoCandidate)) throw error;
    return restartInPlace(primary, args);
  }
  await restartReplica(primary, args);
}

async function restartInPlace(primary: string, args: RollingRestartArgs): Promise<void> {
  const { patroni, chain, checkpoint, say } = args;
  await checkpoint(primary);
  const routers = await running(Object.values(chain.routers));
  const { waitedMs } = await whileClientsWait(chain, async () => {
    await patroni.restart(primary);
    await untilFollowed(primary, routers, ROUTED_WITHIN);
  });
  say?.(`${primary} was restarted; clients waited ${(waitedMs / 1000).toFixed(1)} s`);
}

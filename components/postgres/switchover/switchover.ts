import type { ContainerAddress } from "../../../lib/docker/client.ts";
import { running } from "../../../lib/docker/containers.ts";
import { nothingMissing, waitFor } from "../../../lib/wait.ts";
import { leaderOf, type Patroni } from "../patroniClient.ts";
import { serverStates, waitUntilRouted } from "../../haproxy/runtimeApi.ts";
import { candidateOf, isStreaming } from "./candidate.ts";
import type { ProxyPath } from "./proxyPath.ts";
import { withPausedPools } from "./pausedPools.ts";
import { drain } from "./drain.ts";
import { reconnectReads, withDrainedReads } from "./drainedReads.ts";

export interface SwitchoverArgs {
  patroni: Patroni;
  proxies: ProxyPath;
  /** Members that may become the primary. */
  among: readonly string[];
  /** Writes what the primary has in memory, so that its shutdown takes a moment only. */
  checkpoint: (primary: string) => Promise<void>;
}

export interface Switchover {
  from: string;
  to: string;
  /** For how long clients of PgBouncer waited, in ms. */
  waitedMs: number;
}

/** Thrown where no replica can take over; nothing was done. */
export class NoCandidate extends Error {
  override readonly name = "NoCandidate";
}

/**
 * HAProxy asks a member that is not the primary every 300 ms, but on a busy machine the former primary's shutdown and the promotion
 * take many seconds. Less than the pause of PgBouncer's clients lasts. In ms.
 */
const ROUTED_WITHIN = 20_000;
/** A former primary is rewound if need be, and started as a replica. In ms. */
const STREAMS_WITHIN = 120_000;
const POLL = 300;

/**
 * Puts a replica in the primary's place while PgBouncer's clients wait: no transaction fails. Done when the former
 * primary streams from the new one.
 *
 * @throws NoCandidate where no replica is fit
 * @throws StillBusy where transactions would not end
 * @throws Error with Patroni's words where it refuses; the primary stays what it was
 * @throws TimedOut where HAProxy does not send writers to the new primary, or the former one does not stream from it
 */
export async function switchOver({
  patroni,
  proxies,
  among,
  checkpoint,
}: SwitchoverArgs): Promise<Switchover> {
  const members = await patroni.cluster();
  const routers = await running(Object.values(proxies.routers));
  const routed = await Promise.all(routers.map((router) => serverStates(router, "writer")));
  const reachable = among.filter((name) =>
    routed.every((states) => states.some(({ member }) => member === name)),
  );
  const from = leaderOf(members);
  if (from === undefined) throw new NoCandidate("The cluster has no primary.");
  const to = candidateOf(members, reachable);
  if (to === undefined) {
    const states = members.map(({ name, role, state, lag }) => `${name}: ${role}, ${state}, lag ${lag ?? 0}`);
    throw new NoCandidate(`No replica can take over from ${from} (${states.join("; ")}).`);
  }

  // So that its shutdown has next to nothing to write while clients wait.
  await checkpoint(from);
  // What each will no longer be, HAProxy would notice by its next checks only: it is told before.
  const waitedMs = await withDrainedReads(to, proxies, () => move(from, to, { patroni, proxies, routers }));
  // Reads that had to go to the primary meanwhile go to a replica again.
  await reconnectReads(proxies);
  return { from, to, waitedMs };
}

interface Move {
  patroni: Patroni;
  proxies: ProxyPath;
  routers: readonly ContainerAddress[];
}

/** @returns for how long clients waited, in ms */
async function move(from: string, to: string, { patroni, proxies, routers }: Move): Promise<number> {
  let endDrain: (() => Promise<void>) | undefined;
  let done: Promise<void> | undefined;
  try {
    const { waitedMs } = await withPausedPools(proxies, async () => {
      // Patroni looks once a second whether it is done: the routers know it before.
      done = patroni.switchover(from, to);
      // Awaited below; until then a refusal must not count as one that nobody handles.
      done.catch(() => undefined);
      endDrain = await drain(from, "writer", routers);
      const routed = waitUntilRouted(to, routers, ROUTED_WITHIN);
      await Promise.race([routed, done]);
      await routed;
    });
    await done;
    await untilStreaming(patroni, from);
    return waitedMs;
  } finally {
    await endDrain?.();
  }
}

async function untilStreaming(patroni: Patroni, member: string): Promise<void> {
  const look = async () => {
    const found = (await patroni.cluster().catch(() => [])).find(({ name }) => name === member);
    return nothingMissing(found && isStreaming(found) ? undefined : (found?.state ?? "it is away"));
  };
  await waitFor(look, {
    within: STREAMS_WITHIN,
    every: POLL,
    what: `${member} to stream from the new primary`,
    remedy: "See `docker logs` of its container, and run the update again.",
  });
}

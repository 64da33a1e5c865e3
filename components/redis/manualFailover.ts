import { pause, selfOf, type Node } from "./nodes.ts";
import { isMaster } from "./topology.ts";

/** Redis gives a manual failover up after 5 s. In ms. */
const ATTEMPT = 6_000;
const ATTEMPTS = 3;
const POLL = 50;

/**
 * Makes a replica the master in its master's place, without a lost write: the master holds its clients until the
 * replica has all it wrote (some ms), then sends them there. Done when both say so of themselves.
 *
 * @throws Error when the replica does not become master
 */
export async function manualFailover(replica: Node, master: Node): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await replica.redis.cluster("FAILOVER");
    const end = Date.now() + ATTEMPT;
    while (Date.now() < end) {
      if (isMaster(await selfOf(replica)) && !isMaster(await selfOf(master))) return;
      await pause(POLL);
    }
  }
  throw new Error(
    `Redis node ${replica.name} did not take over from ${master.name}. ` +
      `Look at its log (docker logs) and run the update again.`,
  );
}

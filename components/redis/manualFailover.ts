import { retry, TimedOut, waitFor } from "../../lib/wait.ts";
import { selfOf, type Node } from "./nodes.ts";
import { isMaster } from "./topology.ts";

/** Redis gives a manual failover up after 5 s. In ms. */
const ATTEMPT = 6_000;
const ATTEMPTS = 3;
const POLL = 50;

/**
 * Makes a replica the master in its master's place, without a lost write: the master holds its clients until the
 * replica has all it wrote (some ms), then sends them there. Done when both say so of themselves.
 *
 * @throws TimedOut when the replica does not become master
 */
export async function manualFailover(replica: Node, master: Node): Promise<void> {
  const isOver = async () => isMaster(await selfOf(replica)) && !isMaster(await selfOf(master));
  const failure = () =>
    new TimedOut(
      `Redis node ${replica.name} did not take over from ${master.name}. ` +
        `Look at its log (docker logs) and run the update again.`,
    );
  const attempt = async () => {
    await replica.redis.cluster("FAILOVER");
    await waitFor(isOver, { within: ATTEMPT, every: POLL, what: "the failover", failure });
  };
  const isLate = (error: unknown) => error instanceof TimedOut;
  await retry(attempt, { attempts: ATTEMPTS, firstPauseMs: POLL, longestPauseMs: POLL, when: isLate });
}

import { Redis } from "ioredis";
import { isMaster, isHealthy, parseClusterNodes } from "../../components/redis/topology.ts";
import { messageOf } from "../../lib/errors.ts";
import type { DrillStack } from "./stack.ts";

/** A node that does not answer within this time (ms) is not well. */
const ANSWERS_WITHIN = 5_000;

/** What each Redis node finds wrong with its cluster, or that it does not answer. */
export async function unhealthyRedis(stack: DrillStack): Promise<string[]> {
  const { nodes, username, password } = stack.outputs.redis;
  const found = await Promise.all(
    nodes.map(async ({ host, port }) => {
      const redis = new Redis({
        ...{ host, port, username, password, tls: {}, lazyConnect: true, retryStrategy: () => null },
        ...{ connectTimeout: ANSWERS_WITHIN, commandTimeout: ANSWERS_WITHIN, maxRetriesPerRequest: 0 },
      });
      redis.on("error", () => undefined);
      try {
        await redis.connect();
        return unwell(
          String(await redis.cluster("NODES")),
          String(await redis.cluster("INFO")),
          await redis.info("replication"),
          nodes.length,
        ).map((what) => `Redis at port ${port}: ${what}`);
      } catch (error) {
        return [`Redis at port ${port}: ${messageOf(error)}`];
      } finally {
        redis.disconnect();
      }
    }),
  );
  return found.flat();
}

/** What one Redis node finds wrong with its cluster of so many nodes, from its answers. */
export function unwell(nodes: string, info: string, replication: string, count: number): string[] {
  const known = parseClusterNodes(nodes).filter(isHealthy);
  const masters = known.filter((node) => isMaster(node) && node.slots.length > 0);
  const alone = masters.filter(({ id }) => !known.some((node) => node.master === id));
  const withReplicas = count > masters.length;
  return [
    ...(info.includes("cluster_state:ok") ? [] : ["the cluster is not in order"]),
    ...(known.length === count ? [] : [`sees ${known.length} of ${count} nodes`]),
    ...(withReplicas && alone.length > 0 ? [`${alone.length} masters without a replica`] : []),
    ...(/role:slave/.test(replication) && !/master_link_status:up/.test(replication)
      ? ["does not follow its master"]
      : []),
  ];
}

import { clusterNodes, type Node } from "./nodes.ts";
import { isHealthy, SLOTS } from "./topology.ts";

/** Whether every node can talk to every other: what is missing, or undefined. */
export async function stillUnknown(nodes: readonly Node[]): Promise<string | undefined> {
  for (const node of nodes) {
    const well = new Set((await clusterNodes(node)).filter(isHealthy).map(({ id }) => id));
    const missing = nodes.filter(({ id }) => !well.has(id)).map(({ name }) => name);
    if (missing.length > 0) return `Redis node ${node.name} does not see ${missing.join(", ")}.`;
  }
  return undefined;
}

/** Whether all slots are served, and all agree who owns which and who follows whom: what is missing, or undefined. */
export async function stillDisagreeing(nodes: readonly Node[]): Promise<string | undefined> {
  const ids = new Set(nodes.map(({ id }) => id));
  const views = new Set<string>();
  for (const node of nodes) {
    const info = String(await node.redis.cluster("INFO"));
    if (!info.includes("cluster_state:ok")) return `The Redis cluster is not in order, says ${node.name}.`;
    if (!info.includes(`cluster_slots_ok:${SLOTS}\r`))
      return `${node.name} misses slots of the Redis cluster.`;
    const known = (await clusterNodes(node)).filter(({ id }) => ids.has(id));
    views.add(JSON.stringify(known.map(({ id, master, slots }) => [id, master ?? slots]).sort()));
  }
  return views.size === 1
    ? undefined
    : "The Redis nodes do not agree yet who is a master and who follows whom.";
}

/** Redis tells clients of a replica once the news of how far it has come went round, some seconds after it is. */
export async function stillBehind(nodes: readonly Node[]): Promise<string | undefined> {
  for (const node of nodes) {
    const replication = await node.redis.info("replication");
    if (replication.includes("master_link_status:down"))
      return `${node.name} does not follow its master yet.`;
    const told = new Set(
      (await node.redis.cluster("SLOTS")).flatMap(([, , ...owners]) => owners.map((o) => o[2])),
    );
    const missing = nodes.filter(({ id }) => !told.has(id)).map(({ name }) => name);
    if (missing.length > 0) return `${node.name} does not tell clients of ${missing.join(", ")} yet.`;
  }
  return undefined;
}

import { clusterNodes, until, type Node } from "./nodes.ts";
import { isWell, replicaPlan, SLOTS, unownedSlots, type ClusterNode } from "./topology.ts";

/**
 * Makes the nodes one cluster: every slot has a master, every other node follows one, and all agree on it.
 * Does only what is missing, so it goes on where an earlier attempt stopped, and leaves a cluster alone in which
 * a failover has moved the roles. The nodes introduce themselves to each other (`introduce-peers` in the image).
 *
 * @param nodes     all nodes, in the order of their names; the first `masters` get the slots of a new cluster
 * @param deadline  ms since 1970
 * @throws Error    that says what is still missing at the deadline
 */
export async function form(nodes: readonly Node[], masters: number, deadline: number): Promise<void> {
  await until(deadline, () => stillUnknown(nodes));
  await giveSlots(nodes, masters);
  await giveReplicas(nodes);
  await until(deadline, () => stillDisagreeing(nodes));
  await until(deadline, () => stillBehind(nodes));
}

/** What each node says of itself: true at once, while news of it takes seconds to reach the others. */
async function selves(nodes: readonly Node[]): Promise<ClusterNode[]> {
  return Promise.all(nodes.map(async (node) => (await clusterNodes(node)).find(({ id }) => id === node.id)!));
}

async function giveSlots(nodes: readonly Node[], masters: number): Promise<void> {
  const known = await selves(nodes);
  for (const [i, ranges] of unownedSlots(known, masters).entries()) {
    if (ranges.length === 0) continue;
    // A node that was planned as a master and has become a replica leaves them to its master.
    const owner = nodes.find(({ id }) => id === known[i]!.master) ?? nodes[i]!;
    await owner.redis.call("CLUSTER", "ADDSLOTSRANGE", ...ranges.flat().map(String));
  }
}

async function giveReplicas(nodes: readonly Node[]): Promise<void> {
  const plan = replicaPlan(await selves(nodes));
  for (const node of nodes) {
    const master = plan.get(node.id);
    if (master !== undefined) await node.redis.cluster("REPLICATE", master);
  }
}

async function stillUnknown(nodes: readonly Node[]): Promise<string | undefined> {
  for (const node of nodes) {
    const well = new Set((await clusterNodes(node)).filter(isWell).map(({ id }) => id));
    const missing = nodes.filter(({ id }) => !well.has(id)).map(({ name }) => name);
    if (missing.length > 0) return `Redis node ${node.name} does not see ${missing.join(", ")}.`;
  }
  return undefined;
}

async function stillDisagreeing(nodes: readonly Node[]): Promise<string | undefined> {
  const views = new Set<string>();
  for (const node of nodes) {
    const info = String(await node.redis.cluster("INFO"));
    if (!info.includes("cluster_state:ok")) return `The Redis cluster is not in order, says ${node.name}.`;
    if (!info.includes(`cluster_slots_ok:${SLOTS}\r`))
      return `${node.name} misses slots of the Redis cluster.`;
    const known = await clusterNodes(node);
    views.add(JSON.stringify(known.map(({ id, master, slots }) => [id, master ?? slots]).sort()));
  }
  return views.size === 1
    ? undefined
    : "The Redis nodes do not agree yet who is a master and who follows whom.";
}

/** Redis tells clients of a replica once the news of how far it has come went round, some seconds after it is. */
async function stillBehind(nodes: readonly Node[]): Promise<string | undefined> {
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

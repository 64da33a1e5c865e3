import { type AdminAccess, clusterNodes, connect, selfOf, type Node } from "./nodes.ts";
import { PEER } from "./users.ts";
import { isHealthy, slotCount, type ClusterNode } from "./topology.ts";

/** A member that answers the others answers here at once. In ms. */
const ANSWER_WITHIN = 3_000;

/** Members that one node knows beside these. A handshake, whose id is temporary, does not count: it soon ends. */
export async function nodesUnknownTo(node: Node, nodes: readonly Node[]): Promise<ClusterNode[]> {
  const ids = new Set(nodes.map(({ id }) => id));
  return (await clusterNodes(node)).filter(({ id, flags }) => !ids.has(id) && !flags.includes("handshake"));
}

/** Connections to those of them that answer. They are the caller's to close. */
export async function connectTo(strangers: readonly ClusterNode[], admin: AdminAccess): Promise<Node[]> {
  const attempts = strangers.filter(isHealthy).map(async ({ id, host, port }) => {
    const address = `${host}:${port}`;
    const node = await connect(`at ${address}`, address, admin, ANSWER_WITHIN);
    if (node.id === id) return [node];
    node.redis.disconnect();
    return [];
  });
  return (await Promise.all(attempts)).flat();
}

/**
 * Makes nodes that leave forget the cluster and their data, which the others have by now: a volume that is kept and
 * used again later holds nothing that would claim slots.
 *
 * @throws Error when one still has slots
 */
export async function resetNode(nodes: readonly Node[]): Promise<void> {
  for (const node of nodes) {
    const slots = slotCount(await selfOf(node));
    if (slots > 0) throw new Error(`Redis node ${node.name} is to leave and still has ${slots} slots.`);
    // Its container runs until the engine deletes it: without this user it cannot introduce itself again.
    await enablePeerUser(node, false);
    await node.redis.call("CLUSTER", "RESET", "HARD");
    node.id = String(await node.redis.cluster("MYID"));
    // A reset does not empty the log of commands.
    await node.redis.flushall();
  }
}

/** Whether the node lets its peers in, and itself as their equal. Until it restarts: then its file holds. */
export async function enablePeerUser(node: Node, admitted: boolean): Promise<void> {
  await node.redis.call("ACL", "SETUSER", PEER, admitted ? "on" : "off");
}

/** Has the nodes forget every other one that has no slots: those that left, and lives of nodes before a reset. */
export async function forgetOthers(nodes: readonly Node[]): Promise<void> {
  for (const node of nodes) {
    for (const { id, slots } of await nodesUnknownTo(node, nodes)) {
      if (slots.length === 0) await node.redis.call("CLUSTER", "FORGET", id);
    }
  }
}

import { stillDisagreeing, stillUnknown } from "./clusterConsistency.ts";
import { nodesUnknownTo } from "./removeNodes.ts";
import { selfOf, withNodes, type Node } from "./nodes.ts";
import type { ClusterSpec } from "./clusterSpec.ts";
import { IN_ORDER, isMaster, slotCount, type ClusterNode } from "./topology.ts";

/** A refresh does not wait for nodes that are down. In ms. */
const ANSWER_WITHIN = 3_000;

/**
 * What an update would mend: nodes that do not answer or do not know each other, slots without a node or under way, too
 * few masters, members that are none of the stack's. Which node is a master is never wrong: failovers decide that.
 */
export async function checkHealth({ nodes, admin, masters }: ClusterSpec): Promise<string> {
  try {
    return await withNodes(nodes, admin, ANSWER_WITHIN, async (found) => {
      return (
        (await stillUnknown(found)) ??
        (await stillDisagreeing(found)) ??
        (await odd(found, masters)) ??
        IN_ORDER
      );
    });
  } catch (error) {
    return (error as Error).message;
  }
}

/** A sentence about a member of the cluster that the stack does not have. */
export function unknownNodeMessage(stranger: ClusterNode): string {
  const { id, host, port } = stranger;
  return `Member ${id} at ${host}:${port} with ${slotCount(stranger)} slots is none of the stack's.`;
}

async function odd(nodes: readonly Node[], masters: number): Promise<string | undefined> {
  const strangers = await nodesUnknownTo(nodes[0]!, nodes);
  if (strangers.length > 0) return strangers.map(unknownNodeMessage).join(" ");
  const selves = await Promise.all(nodes.map(selfOf));
  if (selves.some(({ open }) => open)) return "Slots are half moved.";
  const found = selves.filter((node) => isMaster(node) && node.slots.length > 0).length;
  return found === masters ? undefined : `${found} masters have slots.`;
}

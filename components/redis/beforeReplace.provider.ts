import type * as pulumi from "@pulumi/pulumi";
import { isDeepStrictEqual } from "node:util";
import { type AdminAccess, clusterNodes, connect, type Node, selfOf } from "./nodes.ts";
import { manualFailover } from "./manualFailover.ts";
import { type ClusterNode, isMaster, isHealthy, slotCount } from "./topology.ts";

interface Inputs {
  /** Its name, such as redis-1. */
  node: string;
  /** `host:port` as clients reach it. */
  address: string;
  admin: AdminAccess;
  /** What replaces its container when it changes. */
  container: unknown;
}

interface Outputs extends Inputs {
  /** What the last update found and did. */
  outcome: string;
}

/** A node that does not answer has nothing to hand over. In ms. */
const ANSWER_WITHIN = 3_000;

/**
 * Has a replica take over from a node whose container is about to be replaced.
 *
 * @param address  where the node is now, not where it will be
 * @returns what was found and done. Nothing that goes wrong stops the update: the container is replaced all the same,
 *          and the cluster does, some seconds later, what could not be done before.
 */
export async function failoverBeforeReplace(
  name: string,
  address: string,
  admin: AdminAccess,
): Promise<string> {
  let node: Node;
  try {
    node = await connect(name, address, admin, ANSWER_WITHIN);
  } catch (error) {
    return `${name} had nothing to hand over: ${(error as Error).message}`;
  }
  try {
    const self = await selfOf(node);
    if (!isMaster(self)) return `${name} is a replica and had nothing to hand over.`;
    if (slotCount(self) === 0) return `${name} has no slots and had nothing to hand over.`;
    const others = await clusterNodes(node);
    const faults: string[] = [];
    for (const candidate of others.filter((other) => other.master === self.id && isHealthy(other))) {
      const fault = await replacedBy(candidate, node, admin);
      if (typeof fault !== "string") return `${fault.successor} took over from ${name}.`;
      faults.push(fault);
    }
    return (
      `${name} has no replica that can take over${faults.length > 0 ? ` (${faults.join("; ")})` : ""}: ` +
      `its ${slotCount(self)} slots are away until its container is back.`
    );
  } catch (error) {
    return `${name} did not hand over: ${(error as Error).message}`;
  } finally {
    node.redis.disconnect();
  }
}

/** The successor, or in words why it is none. */
async function replacedBy(
  candidate: ClusterNode,
  node: Node,
  admin: AdminAccess,
): Promise<string | { successor: string }> {
  const address = `${candidate.host}:${candidate.port}`;
  let replica: Node;
  try {
    replica = await connect(`at ${address}`, address, admin, ANSWER_WITHIN);
  } catch {
    return `the replica at ${address} does not answer`;
  }
  try {
    const replication = await replica.redis.info("replication");
    if (!replication.includes("master_link_status:up")) return `the replica at ${address} is not in step`;
    await manualFailover(replica, node);
    return { successor: `The replica at ${address}` };
  } finally {
    replica.redis.disconnect();
  }
}

export const provider: pulumi.dynamic.ResourceProvider<Inputs, Outputs> = {
  async create(inputs) {
    return { id: `${inputs.node}-handover`, outs: { ...inputs, outcome: "The container is new." } };
  },
  async update(_id, olds, news) {
    // The way to a node may change without its container.
    if (isDeepStrictEqual(olds.container, news.container))
      return { outs: { ...news, outcome: olds.outcome } };
    const outcome = await failoverBeforeReplace(news.node, olds.address, news.admin);
    console.log(outcome);
    return { outs: { ...news, outcome } };
  },
};

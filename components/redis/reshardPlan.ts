import type * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec } from "./clusterSpec.ts";
import { unknownNodeMessage } from "./health.ts";
import { nodesUnknownTo } from "./removeNodes.ts";
import { listMembers } from "./reconcile.ts";
import { bytesOf, isMemory } from "./liveSettings.ts";
import { connect, withNodes, type Node, type NodeAddresses } from "./nodes.ts";
import { movesInWords, type Member } from "./roles.ts";

/** A preview asks nodes that run. In ms. */
const ANSWER_WITHIN = 3_000;
/** Slots are spread evenly, keys are not quite: that much of the masters' memory may be filled by what moves. */
const FILLED = 0.9;

/** Whether an update brings nodes in, takes nodes out, or makes more or fewer of them masters. */
export function changesSpec(olds: Partial<ClusterSpec>, news: ClusterSpec): olds is ClusterSpec {
  if (!olds.nodes) return false;
  const names = (nodes: NodeAddresses) => Object.keys(nodes).sort().join(" ");
  return olds.masters !== news.masters || names(olds.nodes) !== names(news.nodes);
}

/**
 * Asks the running nodes what such an update would move, before anything is changed.
 *
 * @returns sentences for the preview, or why the update is refused
 */
export async function reshardPlan(
  olds: ClusterSpec,
  news: ClusterSpec,
): Promise<{ moves: string[]; failures: pulumi.dynamic.CheckFailure[] }> {
  const refused = (property: string, reason: string) => ({ moves: [], failures: [{ property, reason }] });
  const back =
    `set acgs-db:redis.masters and redis.replicasPerMaster back to ` +
    `${olds.masters} and ${olds.replicasPerMaster}.`;
  try {
    return await withNodes(olds.nodes, olds.admin, ANSWER_WITHIN, async (nodes) => {
      const leaving = nodes.filter(({ name }) => !(name in news.nodes));
      const members = await listMembers(nodes, leaving);
      const tooMuch = news.masters < olds.masters && (await doesNotFit(nodes, members, news));
      if (tooMuch) return refused("masters", `${tooMuch} or ${back}`);
      const joining = Object.keys(news.nodes)
        .filter((name) => !(name in olds.nodes))
        .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
        .map((name) => ({ name, stays: true, slots: 0 }));
      return { moves: movesInWords([...members, ...joining], news.masters), failures: [] };
    });
  } catch (error) {
    const { message } = error as Error;
    return refused("nodes", `slots and roles move only while every node answers. ${message} Or ${back}`);
  }
}

/**
 * Members of the cluster that the stack does not have, in words: left by an update that was interrupted and taken back,
 * or brought in by somebody else. They may have slots, and their containers may be about to be deleted. The first node
 * that answers is asked, and nothing that is wrong with the cluster stops a preview.
 */
export async function unknownNodes(olds: ClusterSpec, news: ClusterSpec): Promise<string[]> {
  // By port, which each node has for itself: its name may not have come round yet.
  const ports = new Set([olds, news].flatMap(({ nodes }) => Object.values(nodes)).map(portOf));
  const deadline = Date.now() + ANSWER_WITHIN;
  for (const [name, address] of Object.entries(olds.nodes)) {
    if (Date.now() > deadline) break;
    const node = await connect(name, address, olds.admin, 0).catch(() => undefined);
    if (!node) continue;
    try {
      const others = await nodesUnknownTo(node, [node]);
      return others.filter(({ port }) => !ports.has(port)).map(unknownNodeMessage);
    } catch {
      return [];
    } finally {
      node.redis.disconnect();
    }
  }
  return [];
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}

/** Why the keys have no place in the masters that stay; undefined where they have. */
async function doesNotFit(
  nodes: readonly Node[],
  members: readonly Member[],
  { masters, settings }: ClusterSpec,
): Promise<string | undefined> {
  const maxmemory = settings["maxmemory"];
  if (!isMemory(maxmemory)) return undefined;
  let data = 0;
  for (const [i, { slots }] of members.entries()) if (slots > 0) data += await dataBytes(nodes[i]!);
  if (data <= masters * bytesOf(maxmemory) * FILLED) return undefined;
  const megabytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  return (
    `the Redis masters hold ${megabytes(data)} MB of data, and ${masters} masters of ${maxmemory} take ` +
    `${Math.floor((masters * bytesOf(maxmemory) * FILLED) / 2 ** 20)} MB, with a tenth to spare: keys would be dropped. ` +
    `Set acgs-db:redis.maxMemoryMb to ${megabytes(data / masters / FILLED)} or more,`
  );
}

/** What maxmemory limits, less what an empty node takes. In bytes. */
async function dataBytes({ redis }: Node): Promise<number> {
  const info = await redis.info("memory");
  const of = (field: string) => Number(new RegExp(`^${field}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
  return Math.max(0, of("used_memory") - of("mem_not_counted_for_evict") - of("used_memory_startup"));
}

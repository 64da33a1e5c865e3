/** Hash slots of a Redis cluster. */
export const SLOTS = 16_384;

/** One line of CLUSTER NODES. */
export interface ClusterNode {
  id: string;
  flags: readonly string[];
  /** Id of its master, when it is a replica. */
  master: string | undefined;
  /** Whether the node that was asked has a link to this one. */
  connected: boolean;
  /** First and last slot of each range. */
  slots: readonly (readonly [number, number])[];
}

/** Reads what CLUSTER NODES answers. Slots under way to another node count for the one that has them. */
export function parseClusterNodes(text: string): ClusterNode[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [id, , flags, master, , , , link, ...slots] = line.trim().split(" ");
      return {
        id: id!,
        flags: flags!.split(","),
        master: master === "-" ? undefined : master,
        connected: link === "connected",
        slots: slots
          .filter((slot) => !slot.startsWith("["))
          .map((slot) => {
            const [first, last] = slot.split("-").map(Number);
            return [first!, last ?? first!] as const;
          }),
      };
    });
}

export function isMaster(node: ClusterNode): boolean {
  return node.flags.includes("master");
}

/** A node that the one who was asked can talk to, and knows by its lasting id. */
export function isWell(node: ClusterNode): boolean {
  const unwell = ["handshake", "noaddr", "fail", "fail?"];
  return node.connected && !node.flags.some((flag) => unwell.includes(flag));
}

/**
 * Slots that no node has, as ranges for each master of an even spread: the first master gets the first share.
 *
 * @param masters how many share the slots
 * @returns       one list of ranges for each master; all empty when every slot has its node
 */
export function unownedSlots(nodes: readonly ClusterNode[], masters: number): [number, number][][] {
  const owned = new Set<number>();
  for (const [first, last] of nodes.flatMap((node) => node.slots)) {
    for (let slot = first; slot <= last; slot++) owned.add(slot);
  }
  return Array.from({ length: masters }, (_, i) => {
    const ranges: [number, number][] = [];
    const end = Math.floor(((i + 1) * SLOTS) / masters);
    for (let slot = Math.floor((i * SLOTS) / masters); slot < end; slot++) {
      if (owned.has(slot)) continue;
      const open = ranges.at(-1);
      if (open && open[1] === slot - 1) open[1] = slot;
      else ranges.push([slot, slot]);
    }
    return ranges;
  });
}

/**
 * Which masters the nodes without slots are to follow: each the one that has the fewest replicas so far.
 *
 * @param nodes in the order of their names
 * @returns     id of the master by the id of its new replica
 */
export function replicaPlan(nodes: readonly ClusterNode[]): Map<string, string> {
  const masters = nodes.filter((node) => isMaster(node) && node.slots.length > 0);
  const load = new Map(masters.map(({ id }) => [id, nodes.filter((node) => node.master === id).length]));
  const plan = new Map<string, string>();
  for (const node of nodes) {
    if (!isMaster(node) || node.slots.length > 0) continue;
    const fewest = Math.min(...load.values());
    const master = masters.find(({ id }) => load.get(id) === fewest);
    if (!master) break;
    plan.set(node.id, master.id);
    load.set(master.id, fewest + 1);
  }
  return plan;
}

/** Hash slots of a Redis cluster. */
export const SLOTS = 16_384;

/** The condition that the program wants of a cluster, and that a refresh finds of one that needs nothing. */
export const IN_ORDER = "in order";

/** One line of CLUSTER NODES. */
export interface ClusterNode {
  id: string;
  /** Where clients outside Docker reach it: the name that it announces, else its address; empty while unknown. */
  host: string;
  port: number;
  flags: readonly string[];
  /** Id of its master, when it is a replica. */
  master: string | undefined;
  /** Whether the node that was asked has a link to this one. */
  connected: boolean;
  /** First and last slot of each range. */
  slots: readonly (readonly [number, number])[];
  /** Whether slots are under way from or to it; a node tells that of itself only. */
  open: boolean;
}

/** Reads what CLUSTER NODES answers. Slots under way to another node count for the one that has them. */
export function parseClusterNodes(text: string): ClusterNode[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [id, address, flags, master, , , , link, ...slots] = line.trim().split(" ");
      // ip:port@bus[,hostname]
      const [, ip, port, hostname] = /^(.*):(\d+)@\d+(?:,([^,]*))?/.exec(address!)!;
      return {
        id: id!,
        host: hostname || ip!,
        port: Number(port),
        flags: flags!.split(","),
        master: master === "-" ? undefined : master,
        connected: link === "connected",
        slots: slots
          .filter((slot) => !slot.startsWith("["))
          .map((slot) => {
            const [first, last] = slot.split("-").map(Number);
            return [first!, last ?? first!] as const;
          }),
        open: slots.some((slot) => slot.startsWith("[")),
      };
    });
}

export function isMaster(node: ClusterNode): boolean {
  return node.flags.includes("master");
}

/** A node that the one who was asked can talk to, and knows by its lasting id. */
export function isHealthy(node: ClusterNode): boolean {
  const unwell = ["handshake", "noaddr", "fail", "fail?"];
  return node.connected && !node.flags.some((flag) => unwell.includes(flag));
}

/** How many slots a node has. */
export function slotCount({ slots }: Pick<ClusterNode, "slots">): number {
  return slots.reduce((sum, [first, last]) => sum + last - first + 1, 0);
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

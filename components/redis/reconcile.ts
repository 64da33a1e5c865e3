import { stillBehind, stillDisagreeing, stillUnknown } from "./clusterConsistency.ts";
import { clusterNodes, selfOf, untilInOrder, type Node } from "./nodes.ts";
import type { ClusterCommand } from "./redisCli.ts";
import { isUneven, replicaPlan, rolePlan, type Member, type RolePlan } from "./roles.ts";
import { forgetOthers, resetNode } from "./removeNodes.ts";
import { manualFailover } from "./manualFailover.ts";
import { slotCount, unownedSlots } from "./topology.ts";

export interface DesiredCluster {
  /** The nodes that stay, in the order of their names; they know each other. */
  staying: readonly Node[];
  /** Those whose containers go after this. */
  leaving: readonly Node[];
  /** How many are to share the slots. */
  masters: number;
  /** Moves slots, with the keys in them. */
  clusterCommand: ClusterCommand;
}

/** New nodes meet within seconds; a replica that loads a large cache takes longer. In ms. */
const IN_ORDER_WITHIN = 300_000;
/** A failover, a node that restarts: slots that were under way are moved on after it. */
const ATTEMPTS = 3;
/** In percent; finer than the difference from which on slots are moved at all. */
const REBALANCE_THRESHOLD = "1";

/**
 * Makes the nodes one cluster: as many masters as asked for share the slots, every other node follows one, nodes that
 * leave have no slot and are known to nobody, and all agree on it. Does only what is missing, so it goes on where an
 * earlier attempt stopped, and leaves a cluster alone in which a failover has moved the roles.
 *
 * @throws Error that says what is still missing after five minutes without progress
 */
export async function reconcile({
  staying,
  leaving,
  masters,
  clusterCommand,
}: DesiredCluster): Promise<void> {
  // An update that was killed may still be moving slots.
  await clusterCommand(["wait"]);
  // One that an earlier attempt took out already is no member any more.
  const known = new Set((await clusterNodes(staying[0]!)).map(({ id }) => id));
  const members = [...staying, ...leaving.filter(({ id }) => known.has(id))];
  const look = () => listMembers(members, leaving);

  await changeRoles(members, staying, masters, look);
  await giveUnownedSlots(staying, members, rolePlan(await look(), masters));
  // New masters have their replicas before they have a key.
  await giveReplicas(staying, await look(), masters, ({ master }) => master === undefined);
  await untilInOrder(IN_ORDER_WITHIN, () => stillDisagreeing(members));
  await moveSlots(members, masters, look, clusterCommand);
  await giveReplicas(staying, await look(), masters, () => true);
  await resetNode(leaving);
  await forgetOthers(staying);
  await untilInOrder(IN_ORDER_WITHIN, () => stillDisagreeing(staying));
  await untilInOrder(IN_ORDER_WITHIN, () => stillBehind(staying));
}

type Look = () => Promise<Member[]>;

/** What each node says of itself, in terms of names. */
export async function listMembers(nodes: readonly Node[], leaving: readonly Node[]): Promise<Member[]> {
  const selves = await Promise.all(nodes.map(selfOf));
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  return selves.map((self, i) => ({
    name: nodes[i]!.name,
    stays: !leaving.includes(nodes[i]!),
    master: self.master && (names.get(self.master) ?? self.master),
    slots: slotCount(self),
  }));
}

/** Replicas take over from masters that leave; where masters are missing, replicas begin anew without data. */
async function changeRoles(
  nodes: readonly Node[],
  staying: readonly Node[],
  masters: number,
  look: Look,
): Promise<void> {
  const named = (name: string) => nodes.find((node) => node.name === name)!;
  const { handovers, emptied } = rolePlan(await look(), masters);
  for (const [leaving, replica] of handovers) await manualFailover(named(replica), named(leaving));
  for (const replica of emptied.map(named)) {
    // Hard: under another id the others notice that it knows nobody, and introduce themselves again.
    await replica.redis.call("CLUSTER", "RESET", "HARD");
    replica.id = String(await replica.redis.cluster("MYID"));
  }
  if (handovers.size > 0) await untilInOrder(IN_ORDER_WITHIN, () => stillDisagreeing(nodes));
  if (emptied.length > 0) await untilInOrder(IN_ORDER_WITHIN, () => stillUnknown(staying));
}

async function giveUnownedSlots(
  staying: readonly Node[],
  members: readonly Node[],
  { masters }: RolePlan,
): Promise<void> {
  const known = await Promise.all(members.map(selfOf));
  for (const [i, ranges] of unownedSlots(known, masters.length).entries()) {
    const owner = staying.find(({ name }) => name === masters[i])!;
    if (ranges.length > 0) await owner.redis.call("CLUSTER", "ADDSLOTSRANGE", ...ranges.flat().map(String));
  }
}

async function giveReplicas(
  staying: readonly Node[],
  members: readonly Member[],
  masters: number,
  which: (member: Member) => boolean,
): Promise<void> {
  const plan = replicaPlan(members, rolePlan(members, masters).masters);
  for (const [name, master] of plan) {
    if (!which(members.find((member) => member.name === name)!)) continue;
    const [node, target] = [name, master].map((one) => staying.find((other) => other.name === one)!);
    await node!.redis.cluster("REPLICATE", target!.id);
  }
}

/** Repairs slots that an interrupted attempt left open, and moves what has to move. */
async function moveSlots(
  nodes: readonly Node[],
  masters: number,
  look: Look,
  clusterCommand: ClusterCommand,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const open = (await Promise.all(nodes.map(selfOf))).some((self) => self.open);
    const members = await look();
    const plan = rolePlan(members, masters);
    if (!open && !isUneven(members, plan)) return;
    const others = members.filter(({ name, master }) => master === undefined && !plan.masters.includes(name));
    const weights = others.map(({ name }) => `${nodes.find((node) => node.name === name)!.id}=0`);
    try {
      if (open) await clusterCommand(["fix"]);
      await clusterCommand([
        "rebalance",
        "--cluster-use-empty-masters",
        ...["--cluster-threshold", REBALANCE_THRESHOLD],
        ...(weights.length > 0 ? ["--cluster-weight", ...weights] : []),
      ]);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
    await untilInOrder(IN_ORDER_WITHIN, () => stillDisagreeing(nodes));
    if (attempt === ATTEMPTS) break;
  }
  const members = await look();
  if (isUneven(members, rolePlan(members, masters))) {
    throw new Error(
      `Slots of the Redis cluster still have to move after ${ATTEMPTS} attempts ` +
        `(${members.map(({ name, slots }) => `${name}: ${slots}`).join(", ")}). Run the update again; it goes on from here.`,
    );
  }
}

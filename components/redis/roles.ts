import { SLOTS } from "./topology.ts";

/** What a node is now, and whether it stays. After failovers any node may be anything. */
export interface Member {
  name: string;
  stays: boolean;
  /** Name of its master, when it is a replica; an id where that is none of the nodes. */
  master?: string | undefined;
  /** How many slots it has. */
  slots: number;
}

/** Who gets slots, and what has to happen before: everything by name. */
export interface RolePlan {
  /** Masters that leave, and the replica of each that stays and takes over with all its slots. */
  handovers: Map<string, string>;
  /** Those that share the slots in the end, in the order of their names. */
  masters: string[];
  /** Of these, replicas that first have to become masters without slots: their data is their master's anyway. */
  emptied: string[];
  /** Masters that give all their slots away: those that leave, and those that are too many. */
  drained: string[];
}

/**
 * Chooses the masters among the nodes that stay: first who is one, then a replica that can take over from a master
 * that leaves (no key moves), then nodes without a role, then a replica of the master that has most of them.
 *
 * @param members  all nodes, those that leave among them, in the order of their names
 * @param masters  how many are to share the slots; there are at least as many nodes that stay
 */
export function rolePlan(members: readonly Member[], masters: number): RolePlan {
  const staying = members.filter(({ stays }) => stays);
  const replicasOf = (name: string) => staying.filter((member) => member.master === name);
  const isMaster = ({ master, slots }: Member) => master === undefined && slots > 0;

  const now = staying.filter(isMaster);
  // Those with the fewest replicas go, for theirs are the fewest that need a new master.
  const chosen = now
    .toSorted((a, b) => replicasOf(b.name).length - replicasOf(a.name).length)
    .slice(0, masters)
    .map(({ name }) => name);

  const handovers = new Map<string, string>();
  for (const { name } of members.filter((member) => !member.stays && isMaster(member))) {
    const [successor] = replicasOf(name);
    if (chosen.length === masters || !successor) continue;
    handovers.set(name, successor.name);
    chosen.push(successor.name);
  }
  const free = staying.filter(({ master, slots }) => master === undefined && slots === 0);
  chosen.push(...free.slice(0, masters - chosen.length).map(({ name }) => name));

  const emptied: string[] = [];
  while (chosen.length < masters) {
    const spare = staying.filter(({ name }) => !chosen.includes(name));
    const siblings = ({ master }: Member) => spare.filter((other) => other.master === master).length;
    const [next] = spare.toSorted((a, b) => siblings(b) - siblings(a));
    if (!next) break;
    emptied.push(next.name);
    chosen.push(next.name);
  }

  const drained = members.filter(
    (member) => isMaster(member) && !chosen.includes(member.name) && !handovers.has(member.name),
  );
  return {
    handovers,
    masters: members.map(({ name }) => name).filter((name) => chosen.includes(name)),
    emptied,
    drained: drained.map(({ name }) => name),
  };
}

/** Smaller differences than this share of a master's slots are left as they are: moving keys costs. */
const UNEVEN = 0.02;

/** Whether slots have to move: off a master that is drained, to one that has none, or for an even spread. */
export function isUneven(members: readonly Member[], { masters, drained }: RolePlan): boolean {
  const share = SLOTS / masters.length;
  return (
    drained.length > 0 ||
    members.some(
      ({ name, slots }) => masters.includes(name) && Math.abs(slots - share) > Math.max(1, UNEVEN * share),
    )
  );
}

/**
 * Which master a node is to follow that is to be a replica: where it is, unless that is no master any more or has at
 * least two replicas more than another.
 *
 * @param members  in the order of their names; those that leave are not counted
 * @param masters  names of those that have, or are about to get, slots
 * @returns        name of the new master by the name of the replica, for those that change
 */
export function replicaPlan(members: readonly Member[], masters: readonly string[]): Map<string, string> {
  const plan = new Map<string, string>();
  if (masters.length === 0) return plan;
  const replicas = members.filter(
    ({ name, stays, slots }) => stays && slots === 0 && !masters.includes(name),
  );
  const follows = new Map(replicas.map(({ name, master }) => [name, master]));
  const load = (master: string) => [...follows.values()].filter((one) => one === master).length;
  const least = () => masters.toSorted((a, b) => load(a) - load(b))[0]!;
  const move = (replica: string, master: string) => {
    follows.set(replica, master);
    plan.set(replica, master);
  };

  for (const { name, master } of replicas) {
    if (master === undefined || !masters.includes(master)) move(name, least());
  }
  for (;;) {
    const most = masters.toSorted((a, b) => load(b) - load(a))[0]!;
    if (load(most) - load(least()) < 2) return plan;
    move(replicas.findLast(({ name }) => follows.get(name) === most)!.name, least());
  }
}

/** What an update will move, in words: each a sentence for the preview. */
export function movesInWords(members: readonly Member[], masters: number): string[] {
  const plan = rolePlan(members, masters);
  const share = Math.floor(SLOTS / masters);
  const moves: string[] = [];
  for (const [leaving, replica] of plan.handovers) moves.push(`${replica} takes over from ${leaving}`);
  for (const { name, stays, slots, master } of members) {
    const before = [...plan.handovers].find(([, replica]) => replica === name)?.[0];
    const has = members.find((member) => member.name === before)?.slots ?? slots;
    if (plan.drained.includes(name)) {
      moves.push(`${name} gives away all its ${slots} slots${stays ? " and becomes a replica" : ""}`);
    } else if (plan.masters.includes(name)) {
      if (has === 0) moves.push(`${name} becomes a master and gets about ${share} of ${SLOTS} slots`);
      else if (has - share > 1) moves.push(`${name} gives away about ${has - share} of its ${has} slots`);
      else if (share - has > 1) moves.push(`${name} gets about ${share - has} slots more`);
    } else if (stays && master === undefined && slots === 0) moves.push(`${name} becomes a replica`);
    if (!stays) moves.push(`${name} leaves the cluster, its container goes after that`);
  }
  return moves;
}

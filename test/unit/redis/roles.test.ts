import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isUneven,
  movesInWords,
  replicaPlan,
  rolePlan,
  type Member,
} from "../../../components/redis/roles.ts";
import { SLOTS } from "../../../components/redis/topology.ts";

const master = (name: string, slots: number, stays = true): Member => ({ name, stays, slots });
const replica = (name: string, of: string, stays = true): Member => ({ name, stays, slots: 0, master: of });
const fresh = (name: string): Member => ({ name, stays: true, slots: 0 });

/** Three masters with a replica each, as a new cluster has them. */
const six = [
  master("redis-1", 5461),
  master("redis-2", 5461),
  master("redis-3", 5462),
  replica("redis-4", "redis-1"),
  replica("redis-5", "redis-2"),
  replica("redis-6", "redis-3"),
];
/** Four, as they are after 3 -> 4. */
const eight = [
  ...six.map((member) => (member.slots > 0 ? { ...member, slots: 4096 } : member)),
  master("redis-7", 4096),
  replica("redis-8", "redis-7"),
];
const without = (members: Member[], ...leaving: string[]) =>
  members.map((member) => ({ ...member, stays: !leaving.includes(member.name) }));

describe("who gets slots", () => {
  it("are the first nodes of a new cluster", () => {
    const plan = rolePlan(["a", "b", "c", "d", "e", "f"].map(fresh), 3);
    expect(plan).toMatchObject({ masters: ["a", "b", "c"], emptied: [], drained: [] });
  });

  it("are those that have them, wherever a failover moved the roles", () => {
    const moved = [
      replica("redis-1", "redis-4"),
      ...six.slice(1, 3),
      master("redis-4", 5461),
      ...six.slice(4),
    ];
    const plan = rolePlan(moved, 3);
    expect(plan).toEqual({
      handovers: new Map(),
      masters: ["redis-2", "redis-3", "redis-4"],
      emptied: [],
      drained: [],
    });
    expect(isUneven(moved, plan)).toBe(false);
    expect(replicaPlan(moved, plan.masters)).toEqual(new Map());
  });

  it("is also a new node, when there are to be more", () => {
    const plan = rolePlan([...six, fresh("redis-7"), fresh("redis-8")], 4);
    expect(plan).toMatchObject({ masters: ["redis-1", "redis-2", "redis-3", "redis-7"], drained: [] });
  });

  it("is a replica that stays rather than its master that leaves: then no key moves", () => {
    const moved = [
      replica("redis-1", "redis-7"),
      ...eight.slice(1, 6),
      master("redis-7", 4096),
      master("redis-8", 4096),
    ];
    moved[3] = replica("redis-4", "redis-8");
    const plan = rolePlan(without(moved, "redis-7", "redis-8"), 3);
    expect(plan.handovers).toEqual(new Map([["redis-7", "redis-1"]]));
    expect(plan.masters).toEqual(["redis-1", "redis-2", "redis-3"]);
    expect(plan.drained).toEqual(["redis-8"]);
  });

  it("is not a master too many: the one with the fewest replicas goes", () => {
    const members = [
      ...[1, 2, 3, 4].map((i) => master(`redis-${i}`, 4096)),
      replica("redis-5", "redis-4"),
      replica("redis-6", "redis-1"),
      replica("redis-7", "redis-2", false),
      replica("redis-8", "redis-3", false),
    ];
    expect(rolePlan(members, 3)).toMatchObject({
      masters: ["redis-1", "redis-2", "redis-4"],
      drained: ["redis-3"],
    });
  });

  it("is a replica of the master that has most, when nobody else is left", () => {
    const nine = [...six, ...[1, 2, 3].map((i) => replica(`redis-${6 + i}`, `redis-${i}`))];
    expect(rolePlan(without(nine, "redis-9", "redis-6"), 4).emptied).toEqual(["redis-4"]);
  });
});

describe("who follows whom", () => {
  it("spreads new nodes over the masters, those without a replica first", () => {
    const members = [...six.slice(0, 5), fresh("redis-6"), fresh("redis-7")];
    expect([...replicaPlan(members, ["redis-1", "redis-2", "redis-3"])]).toEqual([
      ["redis-6", "redis-3"],
      ["redis-7", "redis-1"],
    ]);
  });

  it("moves a replica to a master that has none while another has two", () => {
    const members = [...six.slice(0, 5), replica("redis-6", "redis-2")];
    expect([...replicaPlan(members, ["redis-1", "redis-2", "redis-3"])]).toEqual([["redis-6", "redis-3"]]);
  });

  it("is nobody while there is no master", () => {
    expect(replicaPlan([fresh("a")], [])).toEqual(new Map());
  });
});

it("leads every cluster, whatever failovers made of it, to the numbers asked for, and then does nothing", () => {
  interface Case {
    members: Member[];
    masters: number;
  }
  const cases: fc.Arbitrary<Case> = fc
    .record({
      masters: fc.integer({ min: 3, max: 6 }),
      replicas: fc.array(fc.nat(5), { maxLength: 12 }),
      added: fc.nat(6),
      order: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 30, maxLength: 30 }),
      leaving: fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
      next: fc.integer({ min: 3, max: 6 }),
    })
    .map(({ masters, replicas, added, order, leaving, next }) => {
      const share = (i: number) =>
        Math.floor(((i + 1) * SLOTS) / masters) - Math.floor((i * SLOTS) / masters);
      const members = [
        ...Array.from({ length: masters }, (_, i) => master(`m${i}`, share(i))),
        ...replicas.map((of, i) => replica(`r${i}`, `m${of % masters}`)),
      ]
        .map((member, i) => ({ ...member, stays: !leaving[i]! }))
        .map((member, i) => ({ member, at: order[i]! }))
        .sort((a, b) => a.at - b.at)
        .map(({ member }) => member);
      return {
        members: [...members, ...Array.from({ length: added }, (_, i) => fresh(`n${i}`))],
        masters: next,
      };
    })
    .filter(({ members, masters }) => members.filter(({ stays }) => stays).length >= masters);

  fc.assert(
    fc.property(cases, ({ members, masters }) => {
      const first = rolePlan(members, masters);
      expect(first.masters).toHaveLength(masters);

      // What changeRoles, moveSlots and giveReplicas make of it.
      let now = members.map((member): Member => {
        const successor = first.handovers.get(member.name);
        if (successor) return replica(member.name, successor, false);
        const before = [...first.handovers].find(([, one]) => one === member.name)?.[0];
        if (before) return master(member.name, members.find(({ name }) => name === before)!.slots);
        return first.emptied.includes(member.name) ? fresh(member.name) : member;
      });
      const second = rolePlan(now, masters);
      expect(second.handovers.size + second.emptied.length).toBe(0);
      expect(new Set(second.masters)).toEqual(new Set(first.masters));
      now = now.map((member) => {
        if (second.masters.includes(member.name)) return { ...member, slots: Math.floor(SLOTS / masters) };
        return second.drained.includes(member.name)
          ? replica(member.name, second.masters[0]!, member.stays)
          : member;
      });
      for (const [name, of] of replicaPlan(now, second.masters)) {
        now = now.map((member) => (member.name === name ? replica(name, of) : member));
      }

      const end = now.filter(({ stays }) => stays);
      const third = rolePlan(end, masters);
      expect(third).toMatchObject({ handovers: new Map(), emptied: [], drained: [] });
      expect(isUneven(end, third)).toBe(false);
      expect(replicaPlan(end, third.masters)).toEqual(new Map());
      const loads = third.masters.map((name) => end.filter((member) => member.master === name).length);
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
      expect(end.filter(({ slots }) => slots > 0)).toHaveLength(masters);
    }),
    { numRuns: 500 },
  );
});

describe("what a preview says", () => {
  it("of a fourth master", () => {
    expect(movesInWords([...six, fresh("redis-7"), fresh("redis-8")], 4)).toEqual([
      "redis-1 gives away about 1365 of its 5461 slots",
      "redis-2 gives away about 1365 of its 5461 slots",
      "redis-3 gives away about 1366 of its 5462 slots",
      "redis-7 becomes a master and gets about 4096 of 16384 slots",
      "redis-8 becomes a replica",
    ]);
  });

  it("of one master less, where the one that leaves had taken over", () => {
    const members = [...eight.slice(0, 6), replica("redis-7", "redis-8"), master("redis-8", 4096)];
    expect(movesInWords(without(members, "redis-7", "redis-8"), 3)).toEqual([
      "redis-1 gets about 1365 slots more",
      "redis-2 gets about 1365 slots more",
      "redis-3 gets about 1365 slots more",
      "redis-7 leaves the cluster, its container goes after that",
      "redis-8 gives away all its 4096 slots",
      "redis-8 leaves the cluster, its container goes after that",
    ]);
  });

  it("of a replica that takes over from a master that leaves", () => {
    const members = [replica("redis-1", "redis-4"), ...six.slice(1, 3), master("redis-4", 5461)];
    expect(movesInWords(without(members, "redis-4"), 3)).toEqual([
      "redis-1 takes over from redis-4",
      "redis-4 leaves the cluster, its container goes after that",
    ]);
  });
});

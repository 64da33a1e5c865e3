import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isHealthy,
  parseClusterNodes,
  slotCount,
  SLOTS,
  unownedSlots,
  type ClusterNode,
} from "../../../components/redis/topology.ts";

const node = (id: string, part: Partial<ClusterNode> = {}): ClusterNode => ({
  id,
  host: "127.0.0.1",
  port: 6379,
  open: false,
  flags: [part.master ? "slave" : "master"],
  master: undefined,
  connected: true,
  slots: [],
  ...part,
});

describe("what CLUSTER NODES answers", () => {
  const [self, replica, moving, lost] = parseClusterNodes(
    [
      "a1 172.18.0.2:6379@16379,127.0.0.1 myself,master - 0 0 1 connected 0-5460 7000",
      "b2 172.18.0.3:6380@16380,127.0.0.1 slave a1 0 1 1 connected",
      "c3 172.18.0.4:6381@16381 master - 0 1 3 connected 5461 [5461->-a1] [9-<-b2]",
      "d4 :0@0 master,noaddr,fail - 1 1 0 disconnected",
      "",
    ].join("\n"),
  );

  it("is read with ranges, single slots and slots under way", () => {
    expect(self).toEqual({
      id: "a1",
      host: "127.0.0.1",
      port: 6379,
      open: false,
      flags: ["myself", "master"],
      master: undefined,
      connected: true,
      slots: [
        [0, 5460],
        [7000, 7000],
      ],
    });
    expect(replica).toMatchObject({ master: "a1", slots: [] });
    expect(replica).toMatchObject({ host: "127.0.0.1", port: 6380 });
    expect(moving).toMatchObject({ host: "172.18.0.4", slots: [[5461, 5461]], open: true });
    expect([self, moving, lost].map((one) => slotCount(one!))).toEqual([5462, 1, 0]);
    expect(lost).toMatchObject({ host: "", port: 0 });
  });

  it("tells nodes that can be talked to from those that cannot", () => {
    expect([self, replica, moving, lost].map((one) => isHealthy(one!))).toEqual([true, true, true, false]);
    expect(isHealthy(node("x", { flags: ["master", "fail?"] }))).toBe(false);
    expect(isHealthy(node("x", { flags: ["handshake"] }))).toBe(false);
  });
});

describe("slots without a node", () => {
  it("are shared evenly and once among the masters of a new cluster", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (masters) => {
        const shares = unownedSlots([], masters).map((ranges) => ranges[0]!);
        expect(shares[0]![0]).toBe(0);
        expect(shares.at(-1)![1]).toBe(SLOTS - 1);
        for (const [i, [first]] of shares.slice(1).entries()) expect(first).toBe(shares[i]![1] + 1);
        const sizes = shares.map(([first, last]) => last - first + 1);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("are only those that an interrupted attempt left", () => {
    expect(
      unownedSlots([node("a", { slots: [[0, 5460]] }), node("b", { slots: [[6000, 6000]] })], 3),
    ).toEqual([
      [],
      [
        [5461, 5999],
        [6001, 10921],
      ],
      [[10922, 16383]],
    ]);
    expect(unownedSlots([node("a", { slots: [[0, SLOTS - 1]] })], 3)).toEqual([[], [], []]);
  });
});

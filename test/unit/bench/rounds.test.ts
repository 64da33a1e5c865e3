import { describe, expect, it } from "vitest";
import { bestOf, shuffled, versus, type Run } from "../../../bench/rounds.ts";

const runs: Run[] = [
  { round: 1, contender: "ours", figures: { tps: 100 } },
  { round: 1, contender: "plain", figures: { tps: 50 } },
  { round: 1, contender: "other", figures: { tps: 90 } },
  { round: 2, contender: "plain", figures: { tps: 60 } },
  { round: 2, contender: "ours", figures: { tps: 120 } },
  { round: 3, contender: "plain", figures: { tps: 500 } },
];

describe("rounds", () => {
  it("are paired by their number, and one without its counterpart is left out", () => {
    expect(versus("mix", runs, "ours", "plain", []).pairs).toEqual([
      { subject: { tps: 100 }, reference: { tps: 50 } },
      { subject: { tps: 120 }, reference: { tps: 60 } },
    ]);
  });

  it("have a best contender by the median, so that one lucky run does not make it", () => {
    const lucky = [...runs, { round: 4, contender: "plain", figures: { tps: 55 } }];
    expect(bestOf(lucky, "tps", ["ours"])).toBe("other");
    expect(() => bestOf(runs, "tps", ["ours", "plain", "other"])).toThrow(RangeError);
  });
});

describe("an order", () => {
  it("is the same for the same seed, and over many seeds puts everybody everywhere, after everybody else", () => {
    const names = ["a", "b", "c", "d"];
    expect(shuffled(names, 7)).toEqual(shuffled(names, 7));
    const orders = Array.from({ length: 200 }, (_, seed) => shuffled(names, seed));
    for (const order of orders) expect([...order].sort()).toEqual(names);
    const neighbours = new Set(orders.flatMap((order) => order.slice(1).map((name, i) => order[i]! + name)));
    expect(neighbours.size).toBe(12);
    for (const place of [0, 1, 2, 3]) expect(new Set(orders.map((order) => order[place])).size).toBe(4);
  });
});

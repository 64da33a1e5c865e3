import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  acknowledgedByTwo,
  commonGap,
  errorCounts,
  type ClientLog,
  longestGap,
  lostRows,
  worstGap,
} from "../../../operations/drill/clientLog.ts";

const journal = (client: string, times: number[], primary?: string): ClientLog => ({
  client,
  acknowledged: times.map((at, number) => ({ number, at, primary })),
  errors: [],
});

const WINDOW = { from: 1_000, to: 2_000 };
const sortedTimes = fc
  .array(fc.integer({ min: 0, max: 3_000 }))
  .map((times) => times.toSorted((a, b) => a - b));

describe("longestGap", () => {
  it.each<[string, number[], number]>([
    ["nothing was acknowledged", [], 1_000],
    ["one acknowledgement in the middle", [1_400], 600],
    ["several", [1_100, 1_200, 1_900, 1_950], 700],
    ["a gap that began before the window", [500, 1_300, 1_900], 800],
    ["a gap that ends after the window counts up to its end", [1_100, 2_500], 900],
    ["all before the window", [100, 200], 1_800],
    ["an acknowledgement at each edge", [1_000, 2_000], 1_000],
  ])("%s", (_, times, gap) => {
    expect(longestGap(times, WINDOW.from, WINDOW.to)).toBe(gap);
  });

  it("never grows by a further acknowledgement inside the window", () => {
    fc.assert(
      fc.property(sortedTimes, fc.integer({ min: 1_000, max: 2_000 }), (times, another) => {
        const more = [...times, another].sort((a, b) => a - b);
        const { from, to } = WINDOW;
        expect(longestGap(more, from, to)).toBeLessThanOrEqual(longestGap(times, from, to));
      }),
    );
  });

  it("is at least what an even spread over the window would leave", () => {
    fc.assert(
      fc.property(sortedTimes, (times) => {
        const inside = times.filter((at) => at > WINDOW.from && at <= WINDOW.to).length;
        expect(longestGap(times, WINDOW.from, WINDOW.to)).toBeGreaterThanOrEqual(1_000 / (inside + 1) - 1e-6);
      }),
    );
  });
});

describe("gaps of several clients", () => {
  const journals = [journal("a", [1_100, 1_900]), journal("b", [1_500])];

  it("the worst is that of one client", () => {
    expect(worstGap(journals, 1_000, 2_000)).toBe(800);
  });

  it("the common one is over all their acknowledgements", () => {
    expect(commonGap(journals, 1_000, 2_000)).toBe(400);
  });

  it("the common one is never longer than the worst", () => {
    fc.assert(
      fc.property(sortedTimes, sortedTimes, (a, b) => {
        const both = [journal("a", a), journal("b", b)];
        expect(commonGap(both, 1_000, 2_000)).toBeLessThanOrEqual(worstGap(both, 1_000, 2_000));
      }),
    );
  });
});

describe("lostRows", () => {
  it("names exactly the acknowledged rows that are not stored", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(50)), fc.uniqueArray(fc.nat(50)), (acknowledged, stored) => {
        const one: ClientLog = {
          client: "a",
          acknowledged: acknowledged.map((number) => ({ number, at: number })),
          errors: [],
        };
        const kept = new Set(stored.map((number) => `a:${number}`));
        const lost = acknowledged.filter((number) => !stored.includes(number)).map((number) => `a:${number}`);
        expect(lostRows([one], kept)).toEqual(lost);
      }),
    );
  });

  it("keeps clients apart", () => {
    expect(lostRows([journal("a", [1]), journal("b", [2])], new Set(["a:0"]))).toEqual(["b:0"]);
  });
});

describe("acknowledgedByTwo", () => {
  it("finds what the old primary acknowledged once the new one had begun", () => {
    const old = journal("inside", [10, 20, 35, 45], "1@A");
    const later = journal("writer", [30, 40, 50], "2@B");
    expect(acknowledgedByTwo([old, later])).toEqual(["inside:2", "inside:3"]);
  });

  it("finds nothing where primaries follow each other, however often", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 8 }), (lengths) => {
        let at = 0;
        const acknowledged = lengths.flatMap((length, i) =>
          Array.from({ length }, () => ({ number: at, at: at++, primary: `${i}@${i % 2}` })),
        );
        expect(acknowledgedByTwo([{ client: "a", acknowledged, errors: [] }])).toEqual([]);
      }),
    );
  });

  it("passes over what tells no primary", () => {
    expect(acknowledgedByTwo([journal("reader", [1, 2]), journal("a", [1, 3], "1@A")])).toEqual([]);
  });
});

describe("errorCounts", () => {
  it("counts messages of all clients, the most frequent first", () => {
    const errors = (...messages: string[]): ClientLog => ({
      client: "a",
      acknowledged: [],
      errors: messages.map((message) => ({ at: 0, message })),
    });
    expect(Object.entries(errorCounts([errors("x", "y"), errors("y")]))).toEqual([
      ["y", 2],
      ["x", 1],
    ]);
  });
});

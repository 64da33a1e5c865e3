import { describe, expect, it } from "vitest";
import { measurePairs, summarize, type Comparison } from "../../../bench/comparison.ts";
import { renderTable } from "../../../bench/table.ts";

const comparison: Comparison = {
  name: "no-change preview",
  subject: "dev stack",
  reference: "empty program",
  shown: [{ figure: "seconds", unit: "s", goal: { atMost: 6 } }],
  pairs: [
    { subject: { seconds: 4 }, reference: { seconds: 2 } },
    { subject: { seconds: 9 }, reference: { seconds: 3 } },
    { subject: { seconds: 5 }, reference: { seconds: 1 } },
  ],
};

describe("measurePairs", () => {
  it("changes which side begins", async () => {
    const order: string[] = [];
    const side = (name: string) => async () => {
      order.push(name);
      return { count: order.length };
    };
    const pairs = await measurePairs(3, side("s"), side("r"));
    expect(order.join("")).toBe("srrssr");
    expect(pairs).toEqual([
      { subject: { count: 1 }, reference: { count: 2 } },
      { subject: { count: 4 }, reference: { count: 3 } },
      { subject: { count: 5 }, reference: { count: 6 } },
    ]);
  });
});

describe("summarize", () => {
  it("takes the median of the pairs' ratios, which is not the ratio of the medians", () => {
    expect(summarize(comparison)).toEqual([
      expect.objectContaining({
        subjectMedian: 5,
        referenceMedian: 2,
        ratio: expect.objectContaining({ median: 3 }),
        pairs: 3,
      }),
    ]);
  });

  it("says which figure is missing", () => {
    const shown = [{ figure: "tps", unit: "tps" as const }];
    expect(() => summarize({ ...comparison, shown })).toThrow("no-change preview: a measurement has no tps.");
  });
});

describe("renderTable", () => {
  it("shows medians with their units, the ratio, its interval and the goal, in aligned columns", () => {
    const lines = renderTable(summarize(comparison)).split("\n");
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(lines[2]!.split("|").map((cell) => cell.trim())).toEqual([
      "",
      "no-change preview, seconds",
      "5.0 s (dev stack)",
      "2.0 s (empty program)",
      "3.00×",
      "2.00× – 5.00×",
      "3",
      "≤ 6 s: reached",
      "",
    ]);
  });

  it("says when a goal is not reached", () => {
    const shown = [{ figure: "seconds", unit: "s" as const, goal: { atMost: 4.9 } }];
    expect(renderTable(summarize({ ...comparison, shown }))).toContain("≤ 4.9 s: not reached");
  });

  it("takes a goal of the ratio as reached when its whole interval is there", () => {
    const ratios = (...seconds: number[]) =>
      summarize({
        ...comparison,
        shown: [{ figure: "seconds", unit: "s", goal: { of: "ratio", atLeast: 1.25 } }],
        pairs: seconds.map((one) => ({ subject: { seconds: one }, reference: { seconds: 1 } })),
      });
    expect(renderTable(ratios(1.3, 1.4, 1.5))).toContain("ratio ≥ 1.25×: reached");
    expect(renderTable(ratios(1.1, 1.4, 1.5))).toContain("ratio ≥ 1.25×: not reached");
  });
});

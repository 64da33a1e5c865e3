import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Summary } from "../comparison.ts";

const POINT = "#1f5fa8";
const ONE = "#888888";
const GOAL = "#c0392b";

/**
 * The ratios of one part as an SVG: the median as a point, its interval as a bar, 1 as a line, and a goal of the ratio as
 * a tick. The axis is logarithmic: half and twice lie equally far from 1.
 */
export async function ratioPlot(summaries: readonly Summary[]): Promise<string> {
  const values = summaries.map(({ name, subject, reference, figure, ratio, goal }) => ({
    what: `${name}, ${figure}: ${subject} / ${reference}`,
    ratio: ratio.median,
    low: ratio.low,
    high: ratio.high,
    ...(goal?.of === "ratio" && { goal: "atMost" in goal ? goal.atMost : goal.atLeast }),
  }));
  const y = { field: "what", type: "nominal", sort: null, title: null, axis: { labelLimit: 460 } } as const;
  const x = (field: string) =>
    ({
      field,
      type: "quantitative",
      scale: { type: "log" },
      title: "ratio, with its 95 % interval",
    }) as const;
  const spec: TopLevelSpec = {
    data: { values },
    width: 420,
    height: { step: 20 },
    background: "white",
    layer: [
      {
        mark: { type: "rule", color: ONE },
        encoding: { x: { datum: 1, type: "quantitative", scale: { type: "log" } } },
      },
      {
        mark: { type: "rule", color: POINT, strokeWidth: 3 },
        encoding: { y, x: x("low"), x2: { field: "high" } },
      },
      { mark: { type: "point", color: POINT, filled: true, size: 60 }, encoding: { y, x: x("ratio") } },
      {
        mark: { type: "tick", color: GOAL, thickness: 2 },
        transform: [{ filter: "isValid(datum.goal)" }],
        encoding: { y, x: x("goal") },
      },
    ],
  };
  return new View(parse(compile(spec).spec), { renderer: "none" }).toSVG();
}

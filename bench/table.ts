import { markdownTable } from "../lib/text/markdownTable.ts";
import { reaches, type Goal, type Summary, type Unit } from "./comparison.ts";

const HEADINGS = ["what", "subject", "reference", "ratio", "95 % interval", "pairs", "goal"];

/** The comparisons as a Markdown table whose columns are aligned, so that a terminal shows it well too. */
export function renderTable(summaries: readonly Summary[]): string {
  return markdownTable(HEADINGS, summaries.map(cells), { aligned: true });
}

function cells(summary: Summary): string[] {
  const { ratio, goal, unit } = summary;
  return [
    `${summary.name}, ${summary.figure}`,
    `${shown(summary.subjectMedian, unit)} (${summary.subject})`,
    `${shown(summary.referenceMedian, unit)} (${summary.reference})`,
    times(ratio.median),
    `${times(ratio.low)} – ${times(ratio.high)}`,
    String(summary.pairs),
    goal === undefined
      ? ""
      : `${goalText(goal, unit)}: ${reaches(goal, summary) ? "reached" : "not reached"}`,
  ];
}

/** A goal in words, such as `≤ 90 s` or `ratio ≥ 1.25×`. */
function goalText(goal: Goal, unit: Unit): string {
  const limit = "atMost" in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
  return { subject: `${limit} ${unit}`, difference: `${limit} ${unit} more`, ratio: `ratio ${limit}×` }[
    goal.of ?? "subject"
  ];
}

/** A value with as many digits as its unit is worth. */
export function shown(value: number, unit: Unit): string {
  const digits = { tps: 0, "rows/s": 0, "ops/s": 0, µs: 0, B: 0, MB: 0, ms: 2, "%": 2, s: 1 }[unit];
  return `${value.toFixed(digits)} ${unit}`;
}

export function times(ratio: number): string {
  return `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`;
}

import { bootstrapMedian, median, type Estimate } from "./statistics.ts";

/** One measurement: what was measured, such as `seconds` or `tps`, and its value. */
export type Figures = Record<string, number>;

/** Two measurements taken one right after the other, so that both meet the machine in the same mood. */
export interface Pair {
  subject: Figures;
  reference: Figures;
}

/** What the project wants of the subject's median or of its difference to the reference, in the unit, or of the ratio. */
export type Goal = ({ atMost: number } | { atLeast: number }) & { of?: "subject" | "difference" | "ratio" };

/** A figure of a comparison that the table shows. */
export interface Shown {
  figure: string;
  unit: Unit;
  goal?: Goal;
}

export type Unit = "s" | "ms" | "µs" | "tps" | "rows/s" | "ops/s" | "%" | "MB" | "B";

/** A subject measured side by side with what it is judged by. */
export interface Comparison {
  /** The part of the benchmark that measured it; set when the part is through. */
  part?: string;
  /** What is compared, such as `no-change preview`. */
  name: string;
  subject: string;
  reference: string;
  shown: Shown[];
  pairs: Pair[];
}

/** One line of the table. */
export interface Summary extends Shown {
  part?: string | undefined;
  name: string;
  subject: string;
  reference: string;
  subjectMedian: number;
  referenceMedian: number;
  /** Of the pairs' ratios subject / reference. */
  ratio: Estimate;
  /** Of the pairs' differences subject - reference, in the unit. */
  difference: Estimate;
  pairs: number;
}

/** The medians and the ratio of each figure that a comparison shows. @throws RangeError without pairs */
export function summarize(comparison: Comparison): Summary[] {
  const { part, name, subject, reference, pairs } = comparison;
  return comparison.shown.map((shown) => {
    const of = (figures: Figures) => {
      const value = figures[shown.figure];
      if (value === undefined) throw new RangeError(`${name}: a measurement has no ${shown.figure}.`);
      return value;
    };
    return {
      ...shown,
      part,
      name,
      subject,
      reference,
      subjectMedian: median(pairs.map((pair) => of(pair.subject))),
      referenceMedian: median(pairs.map((pair) => of(pair.reference))),
      ratio: bootstrapMedian(pairs.map((pair) => of(pair.subject) / of(pair.reference))),
      difference: bootstrapMedian(pairs.map((pair) => of(pair.subject) - of(pair.reference))),
      pairs: pairs.length,
    };
  });
}

/** Whether a goal is reached; a ratio with its whole interval, so that chance does not decide. */
export function reaches(goal: Goal, { subjectMedian, difference, ratio }: Summary): boolean {
  const value = {
    subject: subjectMedian,
    difference: difference.median,
    ratio: "atMost" in goal ? ratio.high : ratio.low,
  }[goal.of ?? "subject"];
  return "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/**
 * Measures in pairs. Every other pair begins with the reference, so that a machine which gets slower or
 * faster in the meantime favours neither side.
 */
export async function measurePairs(
  count: number,
  subject: () => Promise<Figures>,
  reference: () => Promise<Figures>,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let i = 0; i < count; i++) {
    if (i % 2 === 0) {
      const first = await subject();
      pairs.push({ subject: first, reference: await reference() });
    } else {
      const first = await reference();
      pairs.push({ subject: await subject(), reference: first });
    }
  }
  return pairs;
}

import { duration } from "../../lib/text/words.ts";
import type { Expectation, Figures } from "./expectations.ts";

export type Figure = keyof Figures;

/** The figures in the order in which they are shown. */
export const FIGURES: readonly { key: Figure; title: string; isTime: boolean }[] = [
  { key: "writeGap", title: "write gap", isTime: true },
  { key: "readGap", title: "read gap", isTime: true },
  { key: "redisGap", title: "Redis gap", isTime: true },
  { key: "failedWrites", title: "failed writes", isTime: false },
  { key: "failedReads", title: "failed reads", isTime: false },
  { key: "failedRedis", title: "failed in Redis", isTime: false },
  { key: "lostRows", title: "rows lost", isTime: false },
  { key: "splitBrain", title: "two primaries", isTime: false },
  { key: "lostKeys", title: "keys lost", isTime: false },
  { key: "redundancy", title: "redundancy", isTime: true },
];

export interface Violation {
  figure: Figure;
  /** Null: it did not come to an end. */
  measured: number | null;
  expected: number;
}

/**
 * The one value of several rounds that is held against the expectation: of a time the median, of a count the worst. One
 * round that did not come to an end has no median.
 */
export function overRounds(figure: Figure, rounds: readonly Figures[]): number | null {
  const values = rounds.map((round) => round[figure]);
  if (values.some((value) => value === null) || values.length === 0) return null;
  const numbers = (values as number[]).toSorted((a, b) => a - b);
  if (!FIGURES.find(({ key }) => key === figure)!.isTime) return numbers.at(-1)!;
  const middle = numbers.length / 2;
  return (numbers[Math.floor(middle - 0.5)]! + numbers[Math.floor(middle)]!) / 2;
}

/**
 * What was worse than promised.
 *
 * @param patience  by which expected times are multiplied; counts are held to what they are
 */
export function violations(expectation: Expectation, rounds: readonly Figures[], patience = 1): Violation[] {
  return FIGURES.flatMap(({ key, isTime }) => {
    const limit = expectation[key];
    if (limit === undefined) return [];
    const expected = isTime ? limit * patience : limit;
    const measured = overRounds(key, rounds);
    return measured !== null && measured <= expected ? [] : [{ figure: key, measured, expected }];
  });
}

/** A value of a figure for people. */
export function shown(figure: Figure, value: number | null): string {
  if (value === null) return "never";
  return FIGURES.find(({ key }) => key === figure)!.isTime ? duration(value / 1000) : String(value);
}

/** `write gap 31 s, expected 25 s at most` */
export function sentence({ figure, measured, expected }: Violation): string {
  const { title } = FIGURES.find(({ key }) => key === figure)!;
  return `${title} ${shown(figure, measured)}, expected ${shown(figure, expected)} at most`;
}

/** The gaps, and whatever went wrong: `write gap 1.9 s, read gap 45 ms, Redis gap 30 ms; rows lost 2` */
export function summary(figures: Figures): string {
  const words = (key: Figure) =>
    `${FIGURES.find((one) => one.key === key)!.title} ${shown(key, figures[key])}`;
  const gaps = (["writeGap", "readGap", "redisGap"] as const).map(words).join(", ");
  const wrong = FIGURES.filter(({ key, isTime }) => !isTime && figures[key] !== 0).map(({ key }) =>
    words(key),
  );
  return [gaps, ...(wrong.length > 0 ? [wrong.join(", ")] : [])].join("; ");
}

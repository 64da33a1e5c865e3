import type { Comparison, Figures, Pair, Shown } from "./comparison.ts";
import { median, randomNumbers } from "./statistics.ts";

/** One measurement of one contender in one round. */
export interface Run {
  round: number;
  contender: string;
  figures: Figures;
}

/** The same values in another order for each seed, so that no contender always runs after the same one. */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const random = randomNumbers(seed);
  // The first numbers of seeds that lie close together do so, too.
  for (let skipped = 0; skipped < 5; skipped++) random();
  const order = [...values];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** The subject against one other, paired by rounds. */
export function versus(
  name: string,
  runs: readonly Run[],
  subject: string,
  reference: string,
  shown: Shown[],
): Comparison {
  const of = (contender: string) => runs.filter((run) => run.contender === contender);
  const pairs = of(subject).flatMap(({ round, figures }): Pair[] => {
    const other = of(reference).find((run) => run.round === round);
    return other === undefined ? [] : [{ subject: figures, reference: other.figures }];
  });
  return { name, subject, reference, shown, pairs };
}

/** The contender with the largest median of a figure, among all but those named. @throws RangeError without any */
export function bestOf(runs: readonly Run[], figure: string, without: readonly string[]): string {
  const names = [...new Set(runs.map(({ contender }) => contender))].filter(
    (name) => !without.includes(name),
  );
  const medianOf = (name: string) =>
    median(runs.filter(({ contender }) => contender === name).map(({ figures }) => figures[figure]!));
  const [best] = names.sort((one, other) => medianOf(other) - medianOf(one));
  if (best === undefined) throw new RangeError("There is no best of none.");
  return best;
}

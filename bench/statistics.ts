/** The middle value; of an even number of values the mean of the two in the middle. @throws RangeError without values */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * The value below which a share of the values lies, with linear interpolation between neighbours.
 *
 * @param share  0 to 1
 * @throws RangeError without values
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("There is no quantile of no values.");
  const sorted = Float64Array.from(values).sort();
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  const high = sorted[Math.ceil(at)]!;
  return low + (high - low) * (at - Math.floor(at));
}

/** A median and the interval in which it lies with 95 % confidence. */
export interface Estimate {
  median: number;
  low: number;
  high: number;
}

const RESAMPLES = 10_000;
const SEED = 20_260_811;

/**
 * The median with its percentile bootstrap interval. The values are drawn again with replacement as often as
 * there are values; the middle 95 % of the medians of such samples are the interval. It promises nothing about
 * the shape of the distribution, and with fewer than about five values it is no more than their range.
 *
 * @param seed  the same values give the same interval
 * @throws RangeError without values
 */
export function bootstrapMedian(values: readonly number[], seed = SEED): Estimate {
  const random = randomNumbers(seed);
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)]!)),
  );
  return { median: median(values), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}

/** Numbers in [0, 1) from Park and Miller's generator: multiplication by 48271 modulo the prime 2^31 - 1. */
export function randomNumbers(seed: number): () => number {
  const modulus = 2 ** 31 - 1;
  let state = (Math.abs(Math.trunc(seed)) % (modulus - 1)) + 1;
  return () => {
    state = (state * 48_271) % modulus;
    return (state - 1) / (modulus - 1);
  };
}

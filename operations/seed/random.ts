// Chance without chance: what a row holds is a function of the seed, the table and the row's number alone, so rows
// can be made in any order and are the same everywhere. Nothing here but integers, +, -, *, / and square roots,
// which IEEE 754 defines to the last bit; Math.log and the like may differ from one engine to the next.

/** Scrambles 32 bits; each input has an output of its own (Wellons' lowbias32). */
export function mix(bits: number): number {
  let x = bits;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** 32 bits of a text (FNV-1a, scrambled). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

const TO_UNIT = 1 / 2 ** 32;
const SQRT_3 = Math.sqrt(3);

/** A stream of numbers for each row of a table (SplitMix32). */
export class Random {
  private readonly origin: number;
  private state = 0;

  constructor(seed: number, name: string) {
    this.origin = mix(seed ^ hashText(name));
  }

  /** Goes to the start of a row's stream. */
  at(row: number): this {
    this.state = mix(row ^ this.origin);
    return this;
  }

  bits(): number {
    this.state = (this.state + 0x9e3779b9) | 0;
    return mix(this.state);
  }

  /** From 0 up to, not including, 1. */
  unit(): number {
    return this.bits() * TO_UNIT;
  }

  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number {
    return Math.floor(this.unit() * end);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** Mean 0, deviation 1: the sum of four uniform numbers, so never beyond 3.5. */
  normal(): number {
    return (this.unit() + this.unit() + this.unit() + this.unit() - 2) * SQRT_3;
  }

  /** Times and sizes: many small ones, few large ones, half of them below the median. */
  skewed(median: number, spread: number): number {
    let power = 1 + (this.normal() * spread) / 256;
    for (let i = 0; i < 8; i++) power *= power; // e to the …, near enough
    return median * power;
  }
}

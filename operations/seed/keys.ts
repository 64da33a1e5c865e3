import { hashText, mix } from "./random.ts";

const HEX = Array.from({ length: 2 ** 16 }, (_, i) => i.toString(16).padStart(4, "0"));
/** Numeric keys of one seed; as many rows fit below it in a table. */
const BLOCK = 1e10;
/** Seeds are from 0 to this: a million blocks are well within the whole numbers that JavaScript has. */
export const MAX_SEED = 800_000;

/**
 * Keys of one kind of things, by number. Each number has a key of its own: the first 32 bits are a permutation of it.
 */
export class Keys {
  private readonly words: readonly number[];

  constructor(seed: number, name: string) {
    const origin = mix(mix(seed + 0x5eed) ^ hashText(name));
    this.words = Array.from({ length: 8 }, (_, i) => mix(origin + Math.imul(i + 1, 0x9e3779b9)));
  }

  /** Shaped like a random one (version 4), so its index entries come in random order, as in production. */
  uuid(i: number): string {
    const words = this.words;
    const a = mix(i ^ words[0]!);
    const b = mix(i ^ words[1]!);
    const c = mix(i ^ words[2]!);
    const d = mix(i ^ words[3]!);
    return (
      `${HEX[a >>> 16]}${HEX[a & 0xffff]}-${HEX[b >>> 16]}-${HEX[(b & 0x0fff) | 0x4000]}-` +
      `${HEX[((c >>> 16) & 0x3fff) | 0x8000]}-${HEX[c & 0xffff]}${HEX[d >>> 16]}${HEX[d & 0xffff]}`
    );
  }

  /** So many bits (a multiple of 32, 256 at most) in hex, other ones than the UUID's first: stands for a hash. */
  hex(i: number, bits: number): string {
    let digits = "";
    for (let word = 0; word < bits / 32; word++) {
      const value = mix(i ^ this.words[7 - word]!);
      digits += HEX[value >>> 16]! + HEX[value & 0xffff]!;
    }
    return digits;
  }
}

/**
 * Keys of tables that count. They ascend as those of a sequence do, and are below zero: no sequence gives such, so
 * they never meet the keys of real rows, and rows that were generated are known by them.
 */
export function numericKey(seed: number, i: number): number {
  return i - (seed + 1) * BLOCK;
}

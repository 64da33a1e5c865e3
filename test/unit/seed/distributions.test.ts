import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR, monthStart, officeClock, steadyClock } from "../../../operations/seed/clock.ts";
import { text, time } from "../../../operations/seed/copyText.ts";
import { Choice, Distribution, zipf } from "../../../operations/seed/distribution.ts";
import { Keys, numericKey } from "../../../operations/seed/keys.ts";
import { mix, Random } from "../../../operations/seed/random.ts";

const START = Date.UTC(2026, 9, 1);
const END = Date.UTC(2026, 10, 21, 12, 30);
const MANY = 100_000;

describe("chance", () => {
  test("has an own value for each number", () => {
    const values = new Set(Array.from({ length: MANY }, (_, i) => mix(i)));
    expect(values.size).toBe(MANY);
  });

  test("is even", () => {
    const random = new Random(1, "test");
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < MANY; i++) tenths[random.at(i).below(10)]!++;
    for (const tenth of tenths) expect(Math.abs(tenth - MANY / 10)).toBeLessThan(MANY / 200);
  });

  test("is skewed around its median", () => {
    const random = new Random(1, "test");
    const values = Array.from({ length: MANY }, (_, i) => random.at(i).skewed(100, 0.7)).sort(
      (a, b) => a - b,
    );
    expect(values[MANY / 2]).toBeGreaterThan(97);
    expect(values[MANY / 2]).toBeLessThan(103);
    expect(values.reduce((sum, value) => sum + value, 0) / MANY).toBeGreaterThan(115);
    expect(values[0]).toBeGreaterThan(0);
  });
});

describe("a distribution", () => {
  test("draws by weight", () => {
    const random = new Random(1, "test");
    const choice = new Choice({ a: 70, b: 25, c: 5 });
    const drawn = { a: 0, b: 0, c: 0 };
    for (let i = 0; i < MANY; i++) drawn[choice.at(random.at(i).unit())]++;
    expect(drawn.a / MANY).toBeCloseTo(0.7, 1.9);
    expect(drawn.b / MANY).toBeCloseTo(0.25, 1.9);
    expect(drawn.c / MANY).toBeCloseTo(0.05, 1.9);
  });

  test("finds the same index as a search would", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (weights, unit) => {
          const distribution = new Distribution(weights);
          const sum = weights.reduce((total, weight) => total + weight, 0);
          let end = 0;
          const index = weights.findIndex((weight) => (end += weight) / sum > unit);
          const position = distribution.position(unit);
          return distribution.index(unit) === index && position >= index && position <= index + 1;
        },
      ),
    );
  });

  test("of users has few who are met often and many who are met now and then", () => {
    const random = new Random(1, "test");
    const users = zipf(10_000);
    const met = new Float64Array(10_000);
    for (let i = 0; i < MANY; i++) met[users.index(random.at(i).unit())]!++;
    const share = (from: number, to: number) =>
      met.slice(from, to).reduce((sum, count) => sum + count, 0) / MANY;
    expect(share(0, 1)).toBeLessThan(0.02);
    expect(share(0, 100)).toBeGreaterThan(0.3);
    expect(share(5_000, 10_000)).toBeGreaterThan(0.05);
  });
});

describe("a clock", () => {
  const office = officeClock(START, END);
  const times = Array.from({ length: MANY }, (_, i) => office.at(i / MANY));

  test("goes forward, from its start to its end", () => {
    for (let i = 1; i < MANY; i++) expect(times[i]! >= times[i - 1]!).toBe(true);
    expect(times[0]).toBe(START);
    expect(times.at(-1)).toBeLessThan(END);
    expect(END - times.at(-1)!).toBeLessThan(HOUR);
  });

  test("is busy on weekdays by day, quiet at night and at weekends", () => {
    const during = (isMeant: (date: Date) => boolean) => times.filter((one) => isMeant(new Date(one))).length;
    const wednesday = (date: Date) => date.getUTCDay() === 3;
    const day = during((date) => wednesday(date) && date.getUTCHours() === 10);
    expect(during((date) => wednesday(date) && date.getUTCHours() === 3)).toBeLessThan(day / 10);
    expect(during((date) => date.getUTCDay() === 0 && date.getUTCHours() === 10)).toBeLessThan(day / 3);
  });

  test("of programs goes evenly", () => {
    const steady = steadyClock(START, END);
    expect(steady.at(0.5)).toBeCloseTo((START + END) / 2, -4);
  });

  test("knows the months", () => {
    expect(monthStart(Date.UTC(2026, 0, 31, 23, 59), 1)).toBe(Date.UTC(2025, 11, 1));
    expect(monthStart(Date.UTC(2026, 2, 1))).toBe(Date.UTC(2026, 2, 1));
  });
});

describe("keys", () => {
  test("look like random UUIDs, and each is there once", () => {
    const keys = new Keys(1, "test");
    const seen = new Set<string>();
    for (let i = 0; i < MANY; i++) seen.add(keys.uuid(i));
    expect(seen.size).toBe(MANY);
    for (const key of [...seen].slice(0, 1000))
      expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(keys.hex(0, 256)).toMatch(/^[0-9a-f]{64}$/);
  });

  test("of sequences ascend below zero, in a range of their own for each seed", () => {
    expect(numericKey(0, 0)).toBeLessThan(numericKey(0, 1));
    expect(numericKey(1, 1e10 - 1)).toBe(numericKey(0, 0) - 1);
    expect(numericKey(0, 1e10 - 1)).toBeLessThan(0);
    expect(Number.isSafeInteger(numericKey(800_000, 0))).toBe(true);
  });
});

describe("COPY's text", () => {
  test("has times as ISO 8601 has them", () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2099, 0) }), (ms) => {
        return time(ms) === new Date(ms).toISOString().replace("T", " ").replace("Z", "+00");
      }),
    );
  });

  test("escapes what would end a column or a row", () => {
    expect(text("a\tb\nc\\d\re")).toBe("a\\tb\\nc\\\\d\\re");
  });
});

import type { CatalogueEntry } from "./catalogue.ts";

/** Units by name, from the largest down; sizes in bytes or microseconds. PostgreSQL reads their case as written. */
export type Units = ReadonlyMap<string, number>;

export const MEMORY: Units = new Map([
  ["TB", 2 ** 40],
  ["GB", 2 ** 30],
  ["MB", 2 ** 20],
  ["kB", 2 ** 10],
  ["B", 1],
]);

export const TIME: Units = new Map([
  ["d", 86_400_000_000],
  ["h", 3_600_000_000],
  ["min", 60_000_000],
  ["s", 1_000_000],
  ["ms", 1_000],
  ["us", 1],
]);

type Quantity = Pick<CatalogueEntry, "name" | "type" | "unit">;

/** File modes, which PostgreSQL prints in octal. */
const OCTAL = new Set(["log_file_mode"]);

/** Of these the server asks the connection, and prints the bare number. */
const BARE = new Set([
  "tcp_keepalives_idle",
  "tcp_keepalives_interval",
  "tcp_keepalives_count",
  "tcp_user_timeout",
]);

const NUMBER = /^\s*([+-]?(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))\s*([A-Za-z]*)\s*$/;

export function unitsOf(unit: string | undefined): Units | undefined {
  if (unit === undefined) return undefined;
  return TIME.has(unit) ? TIME : MEMORY;
}

/** A number in the parameter's own unit, rounded as PostgreSQL rounds; undefined where it cannot be read. */
export function readNumber(text: string, entry: Quantity): number | undefined {
  return readBothNumbers(text, entry)?.rounded;
}

/** The same, and as it was written: `1.3GB` of a parameter in MB is 1331.2, and PostgreSQL makes it 1331. */
export function readBothNumbers(
  text: string,
  entry: Quantity,
): { written: number; rounded: number } | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, digits = "", unit = ""] = match;
  const number = entry.type === "integer" && /^[+-]?0[0-7]+$/.test(digits) ? octal(digits) : Number(digits);
  const both = (written: number, scaled = written) => ({
    written,
    rounded: entry.type === "integer" ? toEven(scaled) : scaled,
  });
  if (unit === "") return both(number);

  const units = unitsOf(entry.unit);
  const size = units?.get(unit);
  if (units === undefined || size === undefined) return undefined;
  const base = baseSize(entry.unit);
  return both((number * size) / base, scale(number, size, base, units));
}

/** A number in the parameter's own unit as `SHOW` prints it: in the largest unit in which it is whole. */
export function showNumber(number: number, entry: Quantity): string {
  if (OCTAL.has(entry.name)) return `0${number.toString(8).padStart(3, "0")}`;
  const units = unitsOf(entry.unit);
  if (units === undefined || number <= 0 || BARE.has(entry.name)) return plain(number, entry);

  const base = baseSize(entry.unit);
  const ladder = [...units].filter(([, size]) => entry.type === "real" || size <= base || size % base === 0);
  for (const [unit, size] of ladder) {
    const whole = (number * base) / size;
    const near = Math.abs(Math.round(whole) / whole - 1) <= 1e-8;
    if (entry.type === "integer" ? Number.isInteger(whole) : near)
      return `${plain(Math.round(whole), entry)}${unit}`;
  }
  const [unit, size] = ladder.at(-1) ?? ["", base];
  return `${plain((number * base) / size, entry)}${unit}`;
}

/** Size of `8kB`, `MB`, `s`, in bytes or microseconds. */
function baseSize(unit = ""): number {
  const [, count = "", name = ""] = /^(\d*)(\w+)$/.exec(unit) ?? [];
  return Number(count || 1) * (MEMORY.get(name) ?? TIME.get(name) ?? 1);
}

/** A fraction of a unit is first rounded to the next smaller unit, as `convert_to_base_unit` does. */
function scale(number: number, size: number, base: number, units: Units): number {
  const smaller = [...units.values()].find((candidate) => candidate < size && candidate >= base);
  if (Number.isInteger(number) || smaller === undefined) return (number * size) / base;
  return (toEven((number * size) / smaller) * smaller) / base;
}

/** Half to the even neighbour: C's `rint`. */
function toEven(number: number): number {
  const floor = Math.floor(number);
  const rest = number - floor;
  if (rest !== 0.5) return Math.round(number);
  return floor % 2 === 0 ? floor : floor + 1;
}

function octal(digits: string): number {
  return (digits.startsWith("-") ? -1 : 1) * Number.parseInt(digits.replace(/^[+-]/, ""), 8);
}

/** C's `%d`, or `%g`: six digits that count, no trailing zeros. */
function plain(number: number, { type }: Quantity): string {
  if (type === "integer") return String(number === 0 ? 0 : number);
  if (!Number.isFinite(number) || number === 0) return String(number === 0 ? 0 : number);
  const exponent = Number(number.toExponential(5).split("e")[1]);
  if (exponent >= -4 && exponent < 6) return String(Number(number.toPrecision(6)));
  const [mantissa = "", power = ""] = number.toExponential(5).split("e");
  return `${Number(mantissa)}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

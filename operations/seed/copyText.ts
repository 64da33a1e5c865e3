// Values as COPY's text format has them: columns between tabs, a row a line, NULL as \N.

export const NULL = "\\N";

const ESCAPES: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Any text. Costs a search: for vocabularies, once, rather than for each row. */
export function text(value: string): string {
  return value.replaceAll(/[\\\t\n\r]/g, (character) => ESCAPES[character]!);
}

/** A value as JSON. */
export function json(value: unknown): string {
  return text(JSON.stringify(value));
}

/** Bytes from their hex digits. */
export function bytes(hex: string): string {
  return `\\\\x${hex}`;
}

/** A boolean. */
export function yesNo(value: boolean): string {
  return value ? "t" : "f";
}

const HUNDREDTHS = Array.from({ length: 101 }, (_, i) => (i / 100).toFixed(2));

/** A score of 0.00 to 1.00; what is beyond is cut. */
export function score(value: number): string {
  return HUNDREDTHS[Math.min(100, Math.max(0, Math.round(value * 100)))]!;
}

/** A number with three decimals at most. */
export function decimal(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

const DAY = 86_400_000;
const TWO = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, "0"));
const days = new Map<number, string>();

/** `2026-11-21 15:10:00.123+00` from ms since 1970. */
export function time(ms: number): string {
  const day = Math.floor(ms / DAY);
  let date = days.get(day);
  if (date === undefined) days.set(day, (date = new Date(day * DAY).toISOString().slice(0, 10)));
  const rest = ms - day * DAY;
  const seconds = Math.floor(rest / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const thousandths = rest - seconds * 1000;
  const fraction =
    thousandths < 10 ? `00${thousandths}` : thousandths < 100 ? `0${thousandths}` : thousandths;
  return `${date} ${TWO[hours]}:${TWO[minutes - hours * 60]}:${TWO[seconds - minutes * 60]}.${fraction}+00`;
}

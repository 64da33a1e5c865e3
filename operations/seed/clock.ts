import { Distribution } from "./distribution.ts";

/** In ms, as these two. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Events of an hour of the day (UTC) while people work, relative to the busiest. */
const OFFICE_HOURS = [
  ...[0.06, 0.05, 0.05, 0.05, 0.06, 0.1, 0.22, 0.5, 0.85, 1, 1, 0.92],
  ...[0.72, 0.9, 1, 0.97, 0.85, 0.6, 0.36, 0.24, 0.18, 0.14, 0.1, 0.08],
];
const WEEKEND = 0.18;
/** Use grows by so much within 30 days. */
const GROWTH = 0.08;

/** Spreads events over a period: the nth of many is at {@link at} (n / many). */
export class Clock {
  readonly start: number;
  readonly end: number;
  private readonly hours: Distribution;

  /** @param start  a full hour, in ms since 1970 */
  constructor(start: number, end: number, weight: (hour: number) => number) {
    this.start = start;
    this.end = end;
    const count = Math.ceil((end - start) / HOUR);
    this.hours = new Distribution(
      Float64Array.from({ length: count }, (_, i) => {
        const begin = start + i * HOUR;
        return weight(begin) * Math.min(1, (end - begin) / HOUR);
      }),
    );
  }

  /** When so much of all events is over: full ms since 1970, before the end. */
  at(share: number): number {
    const position = this.hours.position(share);
    const begin = this.start + Math.floor(position) * HOUR;
    const time = begin + (position - Math.floor(position)) * Math.min(HOUR, this.end - begin);
    return Math.min(Math.floor(time), this.end - 1);
  }
}

/** What people do: most on weekdays by day, more from month to month. */
export function officeClock(start: number, end: number): Clock {
  return new Clock(start, end, (hour) => {
    const date = new Date(hour);
    const day = date.getUTCDay();
    const growth = 1 + (GROWTH * (hour - start)) / (30 * DAY);
    return OFFICE_HOURS[date.getUTCHours()]! * (day === 0 || day === 6 ? WEEKEND : 1) * growth;
  });
}

/** Spreads what programs do unasked evenly around the clock. */
export function steadyClock(start: number, end: number): Clock {
  return new Clock(start, end, () => 1);
}

/** Midnight UTC of the first day of the month that is so many months before the one of a time. */
export function monthStart(time: number, monthsBack = 0): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - monthsBack, 1);
}

// What clients saw. All times are ms of one clock: performance.now() of the drill's own process.

export interface Acknowledgement {
  number: number;
  at: number;
  /** Which primary gave it: its timeline and when its server was started. Undefined for reads and for Redis. */
  primary?: string;
}

export interface ClientError {
  at: number;
  message: string;
  /** Its outcome is unknown, and it is not tried again. Undefined where no connection was made. */
  number?: number;
}

/** What one client did and what came of it, in the order of time. */
export interface ClientLog {
  client: string;
  acknowledged: Acknowledgement[];
  errors: ClientError[];
}

/**
 * The longest time (ms) between two acknowledgements that overlaps a window: what the client of this journal waited.
 * Without an acknowledgement before the window it begins with the window; it ends with it in any case.
 */
export function longestGap(times: readonly number[], from: number, to: number): number {
  let before = from;
  let longest = 0;
  for (const at of times) {
    if (at > to) break;
    if (at > from) longest = Math.max(longest, at - before);
    before = at;
  }
  return Math.max(longest, to - before);
}

export const gapOf = (journal: ClientLog, from: number, to: number): number =>
  longestGap(
    journal.acknowledged.map(({ at }) => at),
    from,
    to,
  );

/** How long (ms) the one of the clients waited that waited longest. */
export function worstGap(journals: readonly ClientLog[], from: number, to: number): number {
  return Math.max(0, ...journals.map((journal) => gapOf(journal, from, to)));
}

/** For how long (ms) not one of the clients got an acknowledgement. */
export function commonGap(journals: readonly ClientLog[], from: number, to: number): number {
  const times = journals.flatMap(({ acknowledged }) => acknowledged.map(({ at }) => at));
  return longestGap(
    times.sort((a, b) => a - b),
    from,
    to,
  );
}

/** The name of a row in {@link lostRows}: rows are known by client and number. */
export const rowKey = (client: string, number: number): string => `${client}:${number}`;

/** Rows that were acknowledged and are not stored. */
export function lostRows(journals: readonly ClientLog[], stored: ReadonlySet<string>): string[] {
  return journals.flatMap(({ client, acknowledged }) =>
    acknowledged.map(({ number }) => rowKey(client, number)).filter((key) => !stored.has(key)),
  );
}

/**
 * Rows that a primary acknowledged after a later primary had acknowledged one: while two were at it.
 * A primary is later than another when its first acknowledgement is.
 */
export function acknowledgedByTwo(journals: readonly ClientLog[]): string[] {
  const all = journals
    .flatMap(({ client, acknowledged }) => acknowledged.map((one) => ({ client, ...one })))
    .filter(({ primary }) => primary !== undefined)
    .sort((a, b) => a.at - b.at);
  const seen = new Set<string>();
  let newest: string | undefined;
  const double: string[] = [];
  for (const { client, number, primary } of all) {
    if (primary === newest) continue;
    if (seen.has(primary!)) {
      double.push(rowKey(client, number));
    } else {
      seen.add(primary!);
      newest = primary;
    }
  }
  return double;
}

/** How often each message was met, most frequent first. */
export function errorCounts(journals: readonly ClientLog[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { message } of journals.flatMap(({ errors }) => errors))
    counts.set(message, (counts.get(message) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

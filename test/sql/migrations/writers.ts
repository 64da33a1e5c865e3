import type pg from "pg";
import { pause } from "../../../lib/wait.ts";

/** One acknowledged write; times in ms on the process's clock. */
export interface Write {
  number: number;
  /** Whether it made a row of its number, or changed another. */
  inserted: boolean;
  start: number;
  end: number;
}

export interface Writers {
  /** What was acknowledged up to now. */
  writes: Write[];
  /** Ends the writers. Throws what went wrong for one of them: no write may fail. */
  stop(): Promise<Write[]>;
}

/**
 * Clients that write one row after the other and note how long each took: every second one inserts a numbered
 * row, the others change a row that is there.
 *
 * @param insert takes the number as $1
 * @param update takes any number as $1
 */
export function startWriters(sessions: pg.Client[], first: number, insert: string, update: string): Writers {
  const writes: Write[] = [];
  let number = first;
  let stopped = false;
  const run = async (session: pg.Client, i: number): Promise<void> => {
    const inserted = i % 2 === 0;
    while (!stopped) {
      const mine = number++;
      const start = performance.now();
      await session.query(inserted ? insert : update, [mine]);
      writes.push({ number: mine, inserted, start, end: performance.now() });
      // Room for the server on a small machine; waits are what is measured, not throughput.
      await pause(2);
    }
  };
  const running = Promise.all(sessions.map(run));
  // Seen by stop(); until then, nobody is to call it unhandled.
  running.catch(() => undefined);
  return {
    writes,
    async stop() {
      stopped = true;
      await running;
      return writes;
    },
  };
}

/** The longest wait in ms. */
export function longest(writes: Write[]): number {
  return Math.max(0, ...writes.map(({ start, end }) => end - start));
}

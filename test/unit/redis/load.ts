import { eventually } from "../../../testing/eventually.ts";
import type { Cluster } from "ioredis";
import { pause } from "../../../lib/wait.ts";

/** Writes and reads all the time, over all slots, and keeps account of what failed. */
export class Load {
  readonly failures: string[] = [];
  /** Values that were read and are not the last acknowledged ones. */
  readonly wrong: string[] = [];
  operations = 0;
  /** The longest time that one operation took, in ms. */
  longestMs = 0;
  private stopping = false;
  private readonly running: Promise<void>[];
  private readonly client: Cluster;

  /** @param client  its own; `stop` ends it */
  constructor(client: Cluster, writers = 4) {
    this.client = client;
    this.running = Array.from({ length: writers }, (_, writer) => this.write(writer));
  }

  /** Waits until so many more operations were made: the load goes through what is happening now. */
  async more(operations: number): Promise<void> {
    const goal = this.operations + operations;
    const limits = { within: 60_000, every: 20 };
    await eventually(`${operations} more operations`, () => this.operations >= goal, limits);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    // What hangs is ended, and shows as failed.
    const hanging = setTimeout(() => this.client.disconnect(), 10_000);
    await Promise.all(this.running);
    clearTimeout(hanging);
    this.client.disconnect();
  }

  private async write(writer: number): Promise<void> {
    const last = new Map<string, string>();
    for (let i = 0; !this.stopping; i++) {
      const key = `load:${writer}:${i % 100}`;
      const before = last.get(key);
      if (before !== undefined) {
        const found = await this.timed(() => this.client.get(key));
        if (found !== undefined && found !== before) this.wrong.push(`${key}: ${found}, not ${before}`);
      }
      // A write that failed may have happened or not.
      const written = await this.timed(() => this.client.set(key, String(i)));
      if (written === "OK") last.set(key, String(i));
      else last.delete(key);
      // The cores belong to the cluster.
      await pause(5);
    }
  }

  private async timed<T>(operation: () => Promise<T>): Promise<T | undefined> {
    const start = performance.now();
    try {
      return await operation();
    } catch (error) {
      this.failures.push((error as Error).message);
      return undefined;
    } finally {
      this.operations++;
      this.longestMs = Math.max(this.longestMs, performance.now() - start);
    }
  }
}

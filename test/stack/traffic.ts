import type pg from "pg";
import { pause } from "../../lib/wait.ts";
import { openSession } from "../../lib/postgres/session.ts";
import { eventually } from "../../testing/eventually.ts";
import type { StackOutputs } from "../../components/stack/outputs.ts";

export interface TrafficReport {
  /** Transactions that were acknowledged. */
  writes: number;
  reads: number;
  /** What clients were told, one entry for each failed transaction. */
  errors: string[];
  /** The longest that one transaction took, in ms. */
  longestMs: number;
}

const WRITERS = 6;
const READERS = 4;

/**
 * Clients that do what services do, without pause, until they are stopped: transactions of two statements through the
 * writer's pool, single reads through the reader's. They never retry: an error is one that a service would have seen.
 */
export class Traffic {
  private stopping = false;
  private readonly report: TrafficReport = { writes: 0, reads: 0, errors: [], longestMs: 0 };
  private readonly clients: Promise<void>[];

  private constructor(clients: (report: Traffic) => Promise<void>[]) {
    this.clients = clients(this);
  }

  /** @param comers  further writers, which log in for each transaction */
  static start({ services }: StackOutputs, comers = 0): Traffic {
    const { url, readUrl } = services.dgm_service;
    return new Traffic((traffic) => [
      ...Array.from({ length: WRITERS }, () => traffic.run(url, (client) => traffic.write(client))),
      ...Array.from({ length: comers }, () => traffic.run(url, (client) => traffic.write(client), "once")),
      ...Array.from({ length: READERS }, () => traffic.run(readUrl, (client) => traffic.read(client))),
    ]);
  }

  /** Waits until so many more transactions were made: the traffic goes through what is happening now. */
  async more(transactions: number): Promise<void> {
    const made = () => this.report.writes + this.report.reads;
    const goal = made() + transactions;
    const limits = { within: 60_000, every: 20 };
    await eventually(`${transactions} more transactions`, () => made() >= goal, limits);
  }

  async stop(): Promise<TrafficReport> {
    this.stopping = true;
    await Promise.all(this.clients);
    return this.report;
  }

  private async run(
    url: string,
    transaction: (client: pg.Client) => Promise<void>,
    use: "once" | "always" = "always",
  ): Promise<void> {
    let client: pg.Client | undefined;
    while (!this.stopping) {
      const begun = performance.now();
      try {
        client ??= await openSession({ at: url });
        await transaction(client);
        if (use === "once") {
          await client.end();
          client = undefined;
        }
      } catch (error) {
        this.report.errors.push((error as Error).message);
        await client?.end().catch(() => undefined);
        client = undefined;
        await pause(100);
      }
      this.report.longestMs = Math.max(this.report.longestMs, performance.now() - begun);
      await pause(5);
    }
    await client?.end();
  }

  private async write(client: pg.Client): Promise<void> {
    await client.query("BEGIN");
    await client.query({
      name: "traffic",
      text: `INSERT INTO dgm.performance_metrics (service_name, metric_type, metric_name, metric_value)
             VALUES ('traffic', 'latency', 'p95', 1)`,
    });
    await client.query("COMMIT");
    this.report.writes++;
  }

  private async read(client: pg.Client): Promise<void> {
    await client.query("SELECT count(*) FROM dgm.dgm_archive WHERE description = 'stack-test'");
    this.report.reads++;
  }
}

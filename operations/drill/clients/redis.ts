import { Cluster, Redis } from "ioredis";
import type { StackOutputs } from "../../../components/stack/outputs.ts";
import { Client } from "../client.ts";
import { rowKey } from "../clientLog.ts";
import { withTimeout } from "../../../lib/wait.ts";

/** A client that hears nothing for so long (ms) takes the command for failed. */
const ANSWER_WITHIN = 2_000;
/** Redis removes after so many seconds what a killed drill leaves behind. */
const KEPT = 3_600;
/** In ms. */
const BACK_WITHIN = 60_000;
/** Keys that are read or removed at once. */
const BATCH = 500;

/** A writer of keys that lie all in one slot, and the master that has it. */
export interface SlotWriter {
  client: Client;
  /** Part of each key, which decides on the slot. */
  tag: string;
  /** The master at the beginning: its port. */
  master: number;
}

/** Writes numbered keys, one client for each master, so that the loss of any is noticed. */
export class RedisWriters {
  readonly writers: readonly SlotWriter[];
  private readonly cluster: Cluster;

  private constructor(cluster: Cluster, writers: readonly SlotWriter[]) {
    this.cluster = cluster;
    this.writers = writers;
  }

  static async open(outputs: StackOutputs): Promise<RedisWriters> {
    const tags = await tagByMaster(outputs);
    const cluster = clusterOf(outputs);
    const writers = [...tags].map(([master, tag], i) => ({
      master,
      tag,
      client: writerOf(cluster, i + 1, tag),
    }));
    return new RedisWriters(cluster, writers);
  }

  /** Every key that the cluster has, by {@link rowKey}. */
  async stored(): Promise<Set<string>> {
    const stored = new Set<string>();
    const read = this.eachBatch(async ({ client }, keys, numbers) => {
      const values = await this.cluster.mget(keys);
      values.forEach((value, i) => {
        if (value === String(numbers[i])) stored.add(rowKey(client.journal.client, numbers[i]!));
      });
    });
    // A client of a cluster that is away waits for it without end.
    await withTimeout(read, BACK_WITHIN, "reading keys back");
    return stored;
  }

  /** Removes the keys and ends the connections. */
  async close(): Promise<void> {
    const removed = this.eachBatch((_, keys) => this.cluster.unlink(keys));
    await withTimeout(removed, BACK_WITHIN, "removing keys").catch(() => undefined);
    this.cluster.disconnect();
  }

  private async eachBatch(
    use: (writer: SlotWriter, keys: string[], numbers: number[]) => Promise<unknown>,
  ): Promise<void> {
    for (const writer of this.writers) {
      const { acknowledged, errors } = writer.client.journal;
      // A number that failed may have been written all the same.
      const numbers = [...acknowledged, ...errors].flatMap(({ number }) => number ?? []);
      for (let i = 0; i < numbers.length; i += BATCH) {
        const batch = numbers.slice(i, i + BATCH);
        await use(
          writer,
          batch.map((number) => keyOf(writer.tag, number)),
          batch,
        );
      }
    }
  }
}

function keyOf(tag: string, number: number): string {
  return `{${tag}}:${number}`;
}

function writerOf(cluster: Cluster, number: number, tag: string): Client {
  return new Client({
    name: `redis writer ${number}`,
    // A cluster client keeps connections to all nodes and follows their roles.
    afterError: "keep",
    open: async () => ({
      act: async (value) => {
        await cluster.set(keyOf(tag, value), value, "EX", KEPT);
        return undefined;
      },
      close: () => undefined,
    }),
  });
}

function clusterOf({ redis }: StackOutputs): Cluster {
  const cluster = new Cluster(redis.nodes, {
    redisOptions: {
      username: redis.username,
      password: redis.password,
      tls: {},
      connectTimeout: ANSWER_WITHIN,
      commandTimeout: ANSWER_WITHIN,
    },
    clusterRetryStrategy: () => 100,
  });
  // Each command that fails says so itself.
  cluster.on("error", () => undefined);
  return cluster;
}

/** For each master (its port) a word whose slot it has. */
async function tagByMaster({
  redis: { nodes, username, password },
}: StackOutputs): Promise<Map<number, string>> {
  const node = new Redis({
    ...nodes[0]!,
    username,
    password,
    tls: {},
    lazyConnect: true,
    retryStrategy: () => null,
  });
  node.on("error", () => undefined);
  try {
    await node.connect();
    const ranges = await node.cluster("SLOTS");
    const masterOf = (slot: number) =>
      ranges.find(([first, last]) => first <= slot && slot <= last)?.[2]?.[1];
    const masters = new Set(ranges.map(([first]) => masterOf(first)));
    const tags = new Map<number, string>();
    for (let i = 0; tags.size < masters.size; i++) {
      const tag = `drill-${i}`;
      const master = masterOf(await node.cluster("KEYSLOT", tag));
      if (master !== undefined && !tags.has(master)) tags.set(master, tag);
    }
    return tags;
  } finally {
    node.disconnect();
  }
}

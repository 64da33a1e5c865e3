import { Cluster, Redis } from "ioredis";
import { buildImage } from "../../testing/images.ts";
import { redisClient } from "../../testing/clients.ts";
import { eventually } from "../../testing/eventually.ts";
import { measurePairs, type Comparison, type Figures } from "../comparison.ts";
import type { Part } from "../part.ts";
import { measured } from "../progress.ts";
import { quantile } from "../statistics.ts";
import { docker, type Workspace } from "../workspace.ts";

/** What the requirements measured of each operation, in ms ("Infrastructure Optimization Report"). */
const OPERATIONS = { SET: 4.26, GET: 2.82, DELETE: 2.82, EXISTS: 2.65 };
type Operation = keyof typeof OPERATIONS;
type Client = Cluster | Redis;

/** Keys in turn, and a value as large as a session. */
const KEYS = 10_000;
const VALUE = "x".repeat(256);
const IN_FLIGHT = 50;

/** The cluster (replicas, a file of all writes) against one plain Redis in memory, from one client on the host. */
export const redis: Part = async ({ workspace, stack, options }) => {
  await stack.ensureUp();
  const cluster = redisClient(await stack.outputs());
  const single = await startSingle(workspace);
  try {
    const comparisons: Comparison[] = [];
    for (const operation of Object.keys(OPERATIONS) as Operation[]) {
      const one = (client: Client) => latencies(client, operation, options.seconds / 4);
      await Promise.all([cluster, single].map((client) => fill(client)));
      comparisons.push({
        name: `Redis ${operation}`,
        subject: "cluster",
        reference: "single node",
        shown: [
          { figure: "p50", unit: "ms", goal: { atMost: OPERATIONS[operation] } },
          { figure: "p95", unit: "ms" },
          { figure: "throughput", unit: "ops/s" },
        ],
        pairs: await measurePairs(
          options.pairs,
          () => measured(`${operation}, cluster`, () => one(cluster)),
          () => measured(`${operation}, single`, () => one(single)),
        ),
      });
    }
    return {
      comparisons,
      notes: [
        `Redis: p50 and p95 of one operation after the other, throughput with ${IN_FLIGHT} in flight, by ioredis on one ` +
          `connection per node; values of ${VALUE.length} bytes, ${KEYS} keys. The goals are the requirements' measurements. The ` +
          `single node has no replica and writes no file. Both are entered by ports on 127.0.0.1, through Docker's proxy.`,
      ],
    };
  } finally {
    cluster.disconnect();
    single.disconnect();
  }
};

async function startSingle(workspace: Workspace): Promise<Redis> {
  const name = `${workspace.prefix}-redis-single`;
  const command = ["redis-server", "--save", "", "--appendonly", "no", "--protected-mode", "no"];
  await docker([
    ...["run", "--detach", "--init", "--name", name, "--publish", "127.0.0.1:0:6379", "--user", "redis"],
    ...["--entrypoint", command[0]!, await buildImage("redis"), ...command.slice(1)],
  ]);
  const port = Number((await docker(["port", name, "6379/tcp"])).split("\n")[0]!.split(":").at(-1));
  const client = new Redis({
    port,
    host: "127.0.0.1",
    retryStrategy: (times) => Math.min(times * 100, 1000),
  });
  client.on("error", () => undefined); // until it has started
  await eventually("the single Redis answers", async () => (await client.ping()) === "PONG");
  return client;
}

const key = (i: number): string => `bench:session:${i % KEYS}`;

async function fill(client: Client): Promise<void> {
  for (let i = 0; i < KEYS; i += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, k) => client.set(key(i + k), VALUE)));
  }
}

function perform(client: Client, operation: Operation, i: number): Promise<unknown> {
  switch (operation) {
    case "SET":
      return client.set(key(i), VALUE, "EX", 1800);
    case "GET":
      return client.get(key(i));
    case "DELETE":
      return client.del(key(i));
    case "EXISTS":
      return client.exists(key(i));
  }
}

async function latencies(client: Client, operation: Operation, seconds: number): Promise<Figures> {
  const times: number[] = [];
  let i = 0;
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    const begun = performance.now();
    await perform(client, operation, i++);
    times.push(performance.now() - begun);
  }
  let done = 0;
  const begun = performance.now();
  const worker = async () => {
    while (performance.now() - begun < seconds * 1000) {
      await perform(client, operation, i++);
      done++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return {
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    throughput: done / ((performance.now() - begun) / 1000),
  };
}

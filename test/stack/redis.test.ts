import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Cluster } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NODE_TIMEOUT_MS } from "../../components/redis/nodeFiles.ts";
import { docker } from "../support/engine.ts";
import { trustStack } from "../../lib/trust.ts";
import type { Step } from "../support/steps.ts";
import { TestStack } from "../support/testStack.ts";
import { Load } from "../unit/redis/load.ts";
import { eventually } from "../../testing/eventually.ts";

// Redis alone, under the engine: what the provider does to real nodes, test/unit/redis shows in more ways. A client
// reads and writes all the time. The order of the tests is part of it.

let stack: TestStack;
let outputs: {
  nodes: { host: string; port: number }[];
  username: string;
  password: string;
  version: string;
  certificate: string;
};
let load: Load;

const redis = { masters: 3, replicasPerMaster: 1, maxMemoryMb: 32, maxClients: 100 };
const SIX = [1, 2, 3, 4, 5, 6].map((i) => `redis-${i}`);

const summary = (steps: Step[]) => steps.map(({ op, name }) => `${op} ${name}`).sort();

async function containerIds(): Promise<Record<string, string>> {
  const lines = (await docker(["ps", "--no-trunc", "--format", "{{.Names}} {{.ID}}"])).trim().split("\n");
  const own = lines.map((line) => line.split(" ")).filter(([name]) => name!.startsWith(`${stack.prefix}-`));
  return Object.fromEntries(own.map(([name, id]) => [name!.slice(stack.prefix.length + 1), id!]));
}

function client(): Cluster {
  const { nodes, username, password } = outputs;
  const cluster = new Cluster(nodes, {
    redisOptions: { username, password, tls: {} },
    clusterRetryStrategy: (times) => Math.min(times * 200, 2000),
  });
  cluster.on("error", () => undefined); // operations tell
  return cluster;
}

/** Masters by the slots they have, replicas by their number, as any node has it. */
async function shape(): Promise<{ slots: number[]; replicas: number; nodes: number }> {
  const asking = client();
  try {
    const lines = String(await asking.cluster("NODES"))
      .trim()
      .split("\n");
    const slots = (line: string) =>
      line
        .split(" ")
        .slice(8)
        .map((range) => range.split("-").map(Number))
        .reduce((sum, [first, last]) => sum + (last ?? first!) - first! + 1, 0);
    return {
      slots: lines.map(slots).filter((count) => count > 0),
      replicas: lines.filter((line) => line.includes("slave")).length,
      nodes: lines.length,
    };
  } finally {
    asking.disconnect();
  }
}

async function expectNothingFailed(): Promise<void> {
  await load.more(300);
  expect({ failures: load.failures, wrong: load.wrong }).toEqual({ failures: [], wrong: [] });
}

/** Of one node. */
const resourcesOf = (name: string) => [
  ...[name, `${name}-container-files`, `${name}-data`, `${name}-files`, `${name}-handover`],
];

beforeAll(async () => {
  stack = await TestStack.create({ redis, dataVolumes: { protect: false, retain: false } });
  const program = await readFile(resolve(import.meta.dirname, "redisProgram.ts"), "utf8");
  await writeFile(join(stack.directory, "index.ts"), program.replaceAll('"../../', '"./'));
  await stack.up();
  const { stdout } = await stack.pulumi(["stack", "output", "--json", "--show-secrets"]);
  outputs = JSON.parse(stdout) as typeof outputs;
  trustStack({ tls: { authority: outputs.certificate } });
  load = new Load(client());
});

afterAll(async () => {
  await load?.stop();
  await stack?.end();
});

it("is six containers, each with its handover, and a second up changes nothing", async () => {
  expect(Object.keys(await containerIds()).sort()).toEqual(SIX);
  expect(outputs.version).toMatch(/^7\.0\.\d+$/);
  expect(await stack.preview()).toEqual([]);
  // Nor does a refresh find anything: neither settings nor the condition.
  const { status, stdout } = await stack.pulumi(["preview", "--refresh", "--json", "--non-interactive"]);
  expect(status).toBe(0);
  const { steps } = JSON.parse(stdout) as { steps: { op: string; urn: string }[] };
  const changed = steps.filter(({ op }) => !["same", "read", "refresh"].includes(op)).map(({ urn }) => urn);
  expect(changed.filter((urn) => urn.includes("RedisClusterState"))).toEqual([]);
});

it("gets a fourth master while clients read and write, and touches no other container", async () => {
  const before = await containerIds();
  await stack.configure({ redis: { ...redis, masters: 4 } });
  const text = await stack.previewText();
  expect(text).toContain("redis-7 becomes a master and gets about 4096 of 16384 slots");
  expect(text).toContain("redis-1 gives away about 1365 of its 5461 slots");
  const created = ["redis-7", "redis-8"].flatMap(resourcesOf);
  expect(summary(await stack.up())).toEqual(
    [...created.map((name) => `create ${name}`), "update redis-state", "update stack-guard"].sort(),
  );
  expect(await containerIds()).toMatchObject(before);
  await expectNothingFailed();
  const { slots, replicas, nodes } = await shape();
  expect([slots.length, replicas, nodes]).toEqual([4, 4, 8]);
  for (const count of slots) expect(Math.abs(count - 4096)).toBeLessThan(100);
  expect(await stack.preview()).toEqual([]);
});

it("gives it away again: slots first, containers last", async () => {
  const before = await containerIds();
  await stack.configure({ redis });
  const text = await stack.previewText();
  expect(text).toMatch(/redis-[78] gives away all its 4\d{3} slots/);
  expect(text).toContain("redis-7 leaves the cluster, its container goes after that");
  const deleted = ["redis-7", "redis-8"].flatMap(resourcesOf);
  expect(summary(await stack.up())).toEqual(
    [...deleted.map((name) => `delete ${name}`), "update redis-state", "update stack-guard"].sort(),
  );
  const { "redis-7": _7, "redis-8": _8, ...six } = before;
  expect(await containerIds()).toEqual(six);
  await expectNothingFailed();
  const { slots, replicas, nodes } = await shape();
  expect([slots.length, replicas, nodes]).toEqual([3, 3, 6]);
  expect(await stack.preview()).toEqual([]);
});

it("replaces containers one after the other, each master after its replica took over", async () => {
  const before = await containerIds();
  await appendFile(join(stack.directory, "images/redis/Dockerfile"), '\nLABEL org.acgs.test="rebuilt"\n');
  const handovers = (await stack.preview()).filter(({ type }) => type === "RedisBeforeReplace");
  expect(summary(handovers)).toEqual(SIX.map((name) => `update ${name}-handover`));
  load.longestMs = 0;
  await stack.up();
  const after = await containerIds();
  expect(SIX.filter((name) => after[name] === before[name])).toEqual([]);
  await expectNothingFailed();
  console.log(`Redis' containers replaced: an operation took ${Math.round(load.longestMs)} ms at most`);
  expect(load.longestMs).toBeLessThan(NODE_TIMEOUT_MS);
  expect(await stack.preview()).toEqual([]);
});

it("is itself again after all its containers were stopped and came back at other addresses", async () => {
  await load.stop();
  const asking = client();
  await Promise.all(Array.from({ length: 200 }, (_, i) => asking.set(`kept:${i}`, i)));
  asking.disconnect();
  const names = SIX.map((name) => stack.container(name));
  await docker(["stop", "--time", "60", ...names]);
  for (const name of names.toReversed()) await docker(["start", name]);
  await eventually("every key is there", async () => {
    const again = client();
    try {
      const values = await Promise.all(Array.from({ length: 200 }, (_, i) => again.get(`kept:${i}`)));
      return values.every((value, i) => value === String(i));
    } finally {
      again.disconnect();
    }
  });
  const { slots, replicas, nodes } = await shape();
  expect([slots.length, replicas, nodes]).toEqual([3, 3, 6]);
  expect(await stack.preview()).toEqual([]);
});

it("leaves nothing when it is destroyed", async () => {
  expect(await stack.destroy()).toEqual([]);
});

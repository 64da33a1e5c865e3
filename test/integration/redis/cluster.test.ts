import { Cluster } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { failoverBeforeReplace } from "../../../components/redis/beforeReplace.provider.ts";
import { provider } from "../../../components/redis/clusterState.provider.ts";
import { freePorts } from "../../../testing/ports.ts";
import { NODE_FILE } from "../../../components/redis/nodeFiles.ts";
import { testAuthority } from "../../../testing/certificates.ts";
import { eventually } from "../../../testing/eventually.ts";
import {
  ADMIN,
  ADMIN_PASSWORD,
  APPLICATION_PASSWORD,
  docker,
  HOST,
  PASSWORDS,
  TestCluster,
} from "../../unit/redis/testCluster.ts";

// The tests follow the life of one cluster, in this order.
const cluster = new TestCluster("acgs-redis-test", 6, await freePorts(12));
const inputs = (maxMemoryMb: number) => cluster.inputs({ maxMemoryMb });
let state: NonNullable<Awaited<ReturnType<typeof provider.create>>["outs"]>;

beforeAll(() => cluster.start(), 120_000);
afterAll(() => cluster.remove(), 60_000);

async function asApplication<T>(node: number, use: (client: Cluster) => Promise<T>): Promise<T> {
  const client = cluster.client(node);
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

const keys = Array.from({ length: 300 }, (_, i) => `key:${i}`);

const onNode: TestCluster["onNode"] = (i, ask) => cluster.onNode(i, ask);
const inOrder = () => cluster.inOrder();

const healthy = (nodes = cluster.all()) =>
  eventually("healthy", async () => (await Promise.all(nodes.map((i) => cluster.healthy(i)))).every(Boolean));

it("forms a cluster of three masters with a replica each", { timeout: 120_000 }, async () => {
  const created = await provider.create(inputs(64));
  state = created.outs!;
  expect(state.version).toMatch(/^7\.0\.\d+$/);

  const slots = await onNode(0, (redis) => redis.cluster("SLOTS"));
  const sizes = slots.map(([first, last]) => last - first + 1).sort();
  expect(sizes).toEqual([5461, 5461, 5462]);
  expect(slots.map(([, , ...nodes]) => nodes.length)).toEqual([2, 2, 2]);
  await healthy();
});

it("does nothing to a cluster that is in order", { timeout: 60_000 }, async () => {
  const before = await onNode(0, (redis) => redis.cluster("SLOTS"));
  await provider.update!("redis-cluster", state, inputs(64));
  expect(await onNode(0, (redis) => redis.cluster("SLOTS"))).toEqual(before);
});

it("sends clients outside Docker to addresses they reach, whichever node they know", async () => {
  await asApplication(5, async (client) => {
    for (const key of keys) await client.set(key, "before");
    const reached = client.nodes("all").map(({ options }) => `${options.host}:${options.port}`);
    expect(reached.sort()).toEqual(Object.values(cluster.addresses));
  });
});

it("gives clients the announced host by every command, and the containers' address beside it", async () => {
  const inside = await Promise.all(cluster.all().map((i) => cluster.inside(i)));
  const expected = cluster.all().map((i) => ({ host: HOST, port: cluster.port + i, ip: inside[i]! }));
  const byPort = (nodes: typeof expected) => nodes.sort((a, b) => a.port - b.port);

  const slots = (await onNode(0, (redis) => redis.cluster("SLOTS"))) as unknown as [
    number,
    number,
    ...[string, number, string, string[]][],
  ][];
  const ofSlots = slots.flatMap(([, , ...nodes]) => nodes);
  expect(
    byPort(ofSlots.map(([host, port, , more]) => ({ host, port, ip: more[more.indexOf("ip") + 1]! }))),
  ).toEqual(expected);

  const shards = (await onNode(0, (redis) => redis.cluster("SHARDS"))) as [
    string,
    unknown,
    string,
    unknown[][],
  ][];
  const field = (node: unknown[], name: string) => node[node.indexOf(name) + 1];
  const ofShards = shards.flatMap(([, , , nodes]) => nodes);
  expect(
    byPort(
      ofShards.map((node) => ({
        host: String(field(node, "endpoint")),
        port: Number(field(node, "tls-port")),
        ip: String(field(node, "ip")),
      })),
    ),
  ).toEqual(expected);

  const nodes = String(await onNode(0, (redis) => redis.cluster("NODES")));
  const ofNodes = nodes
    .trim()
    .split("\n")
    .map((line) => /^\S+ ([^:]+):(\d+)@\d+,(\S+) /.exec(line)!)
    .map(([, ip, port, host]) => ({ host: host!, port: Number(port), ip: ip! }));
  expect(byPort(ofNodes)).toEqual(expected);
});

it("takes a service's hash tag behind its prefix, and refuses one around it", async () => {
  const client = new Cluster([{ host: HOST, port: cluster.port }], {
    redisOptions: {
      username: "dgm_service",
      password: PASSWORDS["dgm_service"]!,
      tls: { ca: testAuthority },
    },
  });
  try {
    // Keys of one slot: several in one command, a queue, a script.
    expect(await client.mset("dgm:{q}:a", "1", "dgm:{q}:b", "2")).toBe("OK");
    await client.lpush("dgm:{q}:list", "job");
    expect(await client.brpop("dgm:{q}:list", 1)).toEqual(["dgm:{q}:list", "job"]);
    expect(await client.xgroup("CREATE", "dgm:{q}:stream", "workers", "$", "MKSTREAM")).toBe("OK");
    expect(await client.eval("return redis.call('GET', KEYS[1])", 1, "dgm:{q}:a")).toBe("1");
    expect(await client.publish("dgm:events", "x")).toBe(0);

    await expect(client.mset("dgm:a", "1", "dgm:b", "2")).rejects.toThrow("CROSSSLOT");
    await expect(client.set("{dgm}:q:a", "1")).rejects.toThrow("NOPERM");
    await expect(client.set("{dgm:q}:a", "1")).rejects.toThrow("NOPERM");
    // What libraries do not put behind a prefix.
    await expect(client.publish("events", "x")).rejects.toThrow("NOPERM");
    await expect(client.client("LIST")).rejects.toThrow("NOPERM");
    await expect(client.keys("dgm:*")).rejects.toThrow("NOPERM");
  } finally {
    client.disconnect();
  }
});

it(
  "changes settings on the running nodes and notices when somebody else does",
  { timeout: 60_000 },
  async () => {
    const started = await docker("inspect", "--format", "{{.State.StartedAt}}", cluster.container(0));
    state = (await provider.update!("redis-cluster", state, inputs(48))).outs!;
    expect(await onNode(3, (redis) => redis.config("GET", "maxmemory"))).toEqual([
      "maxmemory",
      `${48 * 2 ** 20}`,
    ]);
    expect(await docker("inspect", "--format", "{{.State.StartedAt}}", cluster.container(0))).toBe(started);

    await onNode(2, (redis) => redis.config("SET", "maxclients", "33"));
    const props = (await provider.read!("redis-cluster", state)).props!;
    expect(props.settings["maxclients"]).toContain("redis-2: 100; redis-3: 33");
    expect(props.settings["maxmemory"]).toBe("48mb");
    await provider.update!("redis-cluster", props, inputs(48));
    expect(await onNode(2, (redis) => redis.config("GET", "maxclients"))).toEqual(["maxclients", "100"]);
  },
);

it(
  "hands a master over before its container is replaced, and loses no key",
  { timeout: 90_000 },
  async () => {
    const role = () => onNode(0, async (redis) => ((await redis.role()) as unknown as string[])[0]);
    expect(await role()).toBe("master");
    const outcome = await failoverBeforeReplace("redis-1", cluster.addresses["redis-1"]!, ADMIN);
    const [, port] = /^The replica at 127\.0\.0\.1:(\d+) took over from redis-1\.$/.exec(outcome ?? "")!;
    expect([3, 4, 5].map((i) => cluster.port + i)).toContain(Number(port));
    expect(await role()).toBe("slave");
    await cluster.removeNode(0);
    await cluster.startNode(0);
    await healthy([0]);
    await eventually("in order", inOrder);
    expect(await role()).toBe("slave");
    expect(await onNode(0, (redis) => redis.config("GET", "maxmemory"))).toEqual([
      "maxmemory",
      `${48 * 2 ** 20}`,
    ]);
  },
);

it(
  "finds itself again when all containers come back with shuffled addresses",
  { timeout: 180_000 },
  async () => {
    const addresses = () => Promise.all(cluster.all().map((i) => cluster.inside(i)));
    const before = await addresses();
    for (const i of cluster.all()) await cluster.removeNode(i);
    for (const i of [5, 3, 1, 4, 2, 0]) await cluster.startNode(i);
    const moved = (await addresses()).filter((address, i) => address !== before[i]);
    expect(moved.length).toBeGreaterThanOrEqual(4);

    await eventually("in order", inOrder);
    await healthy();
    // What was set while they ran is in force again, every pair of the snapshots' rule included.
    expect((await provider.read!("redis-cluster", state)).props!.settings).toEqual(inputs(48).settings);
    await asApplication(0, async (client) => {
      const values = await Promise.all(keys.map((key) => client.get(key)));
      expect(values.filter((value) => value === "before")).toHaveLength(keys.length);
    });
  },
);

it("goes on without a killed master, which comes back as a replica", { timeout: 120_000 }, async () => {
  const [, , master] = (await onNode(0, (redis) => redis.cluster("SLOTS")))[0]!;
  const i = master![1] - cluster.port;
  await docker("kill", cluster.container(i));
  await asApplication((i + 1) % 6, async (client) => {
    const begun = performance.now();
    await eventually("every key is written", async () => {
      await Promise.all(keys.map((key) => client.set(key, "after")));
      return true;
    });
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
  await docker("start", cluster.container(i));
  await eventually("in order", inOrder);
  await healthy([i]);
  expect(await onNode(i, async (redis) => ((await redis.role()) as unknown as string[])[0])).toBe("slave");
});

it("shows no password to docker inspect, nor to the process list, nor in the log", async () => {
  const name = cluster.container(0);
  const seen = [
    await docker("inspect", name),
    await docker("logs", name),
    await docker("top", name, "-eo", "pid,args"),
  ].join("\n");
  for (const secret of [APPLICATION_PASSWORD, ADMIN_PASSWORD, "masterauth"])
    expect(seen).not.toContain(secret);
  const modes = await docker("exec", name, "stat", "--format", "%a %U", NODE_FILE.users);
  expect(modes.trim()).toBe("600 redis");
});

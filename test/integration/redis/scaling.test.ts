import { spawn } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pause } from "../../../lib/wait.ts";
import { provider } from "../../../components/redis/clusterState.provider.ts";
import { failoverBeforeReplace } from "../../../components/redis/beforeReplace.provider.ts";
import { parseClusterNodes } from "../../../components/redis/topology.ts";
import { Load } from "../../unit/redis/load.ts";
import { freePorts } from "../../../testing/ports.ts";
import { eventually } from "../../../testing/eventually.ts";
import { ADMIN, ADMIN_PASSWORD, docker, TestCluster } from "../../unit/redis/testCluster.ts";

// The tests follow the life of one cluster, in this order: 3 masters, 4, 3; then with 2 replicas each, and back.
const cluster = new TestCluster("acgs-redis-scaling-test", 6, await freePorts(12));
type State = NonNullable<Awaited<ReturnType<typeof provider.create>>["outs"]>;
let state: State;
let load: Load;

const keys = Array.from({ length: 2_000 }, (_, i) => `kept:${i}`);
const SLOW = { timeout: 400_000 };

beforeAll(async () => {
  await cluster.start();
  state = (await provider.create(cluster.inputs())).outs!;
  const client = cluster.client();
  await Promise.all(keys.map((key) => client.set(key, key)));
  client.disconnect();
  load = new Load(cluster.client());
}, 120_000);

afterAll(async () => {
  await load?.stop();
  await cluster.remove();
}, 60_000);

type Inputs = ReturnType<typeof cluster.inputs>;

/** What the engine does: check, then update. Returns what the preview would say. */
async function update(inputs: Inputs): Promise<string[]> {
  const { inputs: checked, failures } = await provider.check!(state, inputs);
  expect(failures).toEqual([]);
  state = (await provider.update!("redis-cluster", state, checked as State)).outs!;
  return (checked as State).moves ?? [];
}

/** Every key is there, no operation failed, and the masters are as many as asked for, each with its replicas. */
async function expectInOrder(masters: number, replicasPerMaster = 1): Promise<void> {
  const before = load.operations;
  await load.more(500);
  expect({ failures: load.failures, wrong: load.wrong, since: before > 0 }).toEqual({
    failures: [],
    wrong: [],
    since: true,
  });
  const client = cluster.client();
  try {
    const values = await Promise.all(keys.map((key) => client.get(key)));
    expect(values.filter((value, i) => value !== keys[i])).toEqual([]);
  } finally {
    client.disconnect();
  }
  const roles = Object.entries(await cluster.roles());
  expect(roles).toHaveLength(cluster.count);
  const withSlots = roles.filter(([, role]) => typeof role === "number");
  expect(withSlots).toHaveLength(masters);
  for (const [name, slots] of withSlots) {
    expect(Math.abs(Number(slots) - 16_384 / masters)).toBeLessThan((16_384 / masters) * 0.03);
    expect(roles.filter(([, role]) => role === name)).toHaveLength(replicasPerMaster);
  }
  expect(await cluster.inOrder()).toBe(true);
}

async function start(...nodes: number[]): Promise<void> {
  cluster.count = Math.max(cluster.count, ...nodes.map((i) => i + 1));
  for (const i of nodes) await cluster.startNode(i);
}

/** The nodes after the first `count` have left; their containers go, as the engine deletes them. */
async function deleteAfter(count: number, volume: "deleted" | "retained" = "deleted"): Promise<void> {
  const leaving = cluster.all().slice(count);
  for (const i of leaving) {
    const known = parseClusterNodes(
      await cluster.onNode(i, async (redis) => String(await redis.cluster("NODES"))),
    );
    expect(known).toHaveLength(1);
    expect(await cluster.onNode(i, (redis) => redis.dbsize())).toBe(0);
  }
  // Longer than cluster-meet waits: they do not come back as long as their containers run.
  await pause(6_000);
  expect(Object.keys(await cluster.roles())).toHaveLength(count);
  for (const i of leaving) await cluster.deleteNode(i, volume);
  cluster.count = count;
}

it(
  "gives a fourth master its share while clients read and write, also after the update was killed",
  SLOW,
  async () => {
    const before = await cluster.roles();
    await start(6, 7);
    const { inputs, failures } = await provider.check!(state, cluster.inputs({ masters: 4 }));
    expect(failures).toEqual([]);
    const { moves } = inputs as Required<State>;
    expect(moves).toHaveLength(5);
    for (const move of moves.slice(0, 3)) {
      expect(move).toMatch(/^redis-[1-6] gives away about 136[56] of its 546[12] slots$/);
    }
    expect(moves.slice(3)).toEqual([
      "redis-7 becomes a master and gets about 4096 of 16384 slots",
      "redis-8 becomes a replica",
    ]);

    // As `up` is: a process that holds the connections and starts redis-cli.
    const script = `import("./components/redis/clusterState.provider.ts").then(async ({ provider }) => {
    let text = "";
    for await (const part of process.stdin) text += part;
    const { olds, news } = JSON.parse(text);
    await provider.update("redis-cluster", olds, news);
  })`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    const ended = new Promise((resolve) => child.on("close", (_status, signal) => resolve(signal)));
    child.stdin.end(JSON.stringify({ olds: state, news: inputs }));
    await eventually(
      "the new master has some slots",
      async () => Number((await cluster.roles())["redis-7"]) > 100,
    );
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    expect(Number((await cluster.roles())["redis-7"])).toBeLessThan(4_000);

    state = (await provider.update!("redis-cluster", state, inputs as State)).outs!;
    await expectInOrder(4);
    // The others follow whom they followed.
    const { "redis-4": r4, "redis-5": r5, "redis-6": r6, "redis-8": r8 } = await cluster.roles();
    expect([r4, r5, r6, r8]).toEqual([before["redis-4"], before["redis-5"], before["redis-6"], "redis-7"]);
  },
);

it("says nothing and does nothing when nothing is to change", SLOW, async () => {
  const before = await cluster.roles();
  const { inputs } = await provider.check!(state, cluster.inputs({ masters: 4 }));
  const { version: _, ...known } = state;
  expect(inputs).toEqual(known);
  await provider.update!("redis-cluster", state, inputs as State);
  expect(await cluster.roles()).toEqual(before);
});

it("closes slots that were left half moved, with some keys here and some there", SLOW, async () => {
  const halves = Array.from({ length: 10 }, (_, i) => `{half}:${i}`);
  const client = cluster.client();
  try {
    await Promise.all(halves.map((key) => client.set(key, key)));
    const slot = await client.cluster("KEYSLOT", halves[0]!);
    const nodes = parseClusterNodes(
      await cluster.onNode(0, async (redis) => String(await redis.cluster("NODES"))),
    );
    const masters = nodes.filter(({ slots }) => slots.length > 0);
    const from = masters.find(({ slots }) => slots.some(([first, last]) => slot >= first && slot <= last))!;
    const to = masters.find(({ id }) => id !== from.id)!;
    const at = ({ port }: { port: number }) => port - cluster.port;
    await cluster.onNode(at(to), (redis) => redis.call("CLUSTER", "SETSLOT", slot, "IMPORTING", from.id));
    const target = [await cluster.inside(at(to)), to.port, "", 0, 5_000, "AUTH2", "admin", ADMIN_PASSWORD];
    await cluster.onNode(at(from), async (redis) => {
      await redis.call("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id);
      await redis.call("MIGRATE", ...target, "KEYS", ...halves.slice(0, 5));
    });
    expect(await cluster.onNode(at(from), (redis) => redis.call("CLUSTER", "COUNTKEYSINSLOT", slot))).toBe(5);
    expect((await provider.read!("redis-cluster", state)).props!.condition).toBe("Slots are half moved.");

    await provider.update!("redis-cluster", state, state);
    expect((await provider.read!("redis-cluster", state)).props!.condition).toBe("in order");
    expect(await Promise.all(halves.map((key) => client.get(key)))).toEqual(halves);
  } finally {
    client.disconnect();
  }
  await expectInOrder(4);
});

it("refuses fewer masters while a node does not answer", SLOW, async () => {
  await docker("pause", cluster.container(4));
  try {
    const fewer = {
      ...cluster.inputs(),
      nodes: Object.fromEntries(Object.entries(cluster.addresses).slice(0, 6)),
    };
    const { failures } = await provider.check!(state, fewer);
    expect(failures).toHaveLength(1);
    expect(failures![0]!.reason).toMatch(
      /every node answers\. Redis node redis-5 at 127\.0\.0\.1:\d+ cannot be used/,
    );
    expect(failures![0]!.reason).toContain(
      "set acgs-db:redis.masters and redis.replicasPerMaster back to 4 and 1.",
    );
  } finally {
    await docker("unpause", cluster.container(4));
  }
  await eventually("in order", () => cluster.inOrder());
});

it("takes the fourth away again, its slots first, wherever failovers moved the roles", SLOW, async () => {
  // Some of the nodes that leave and that stay have changed places.
  for (const name of ["redis-7", "redis-1"]) {
    const { [name]: role } = await cluster.roles();
    if (typeof role === "number") {
      expect(await failoverBeforeReplace(name, cluster.addresses[name]!, ADMIN)).toContain(
        `took over from ${name}`,
      );
    }
  }
  await eventually("all agree", async () => (await cluster.roles())["redis-7"] === "redis-8");
  const six = Object.fromEntries(Object.entries(cluster.addresses).slice(0, 6));
  const moves = await update({ ...cluster.inputs(), nodes: six });
  expect(moves.some((move) => /^redis-8 gives away all its 4\d{3} slots$/.test(move))).toBe(true);
  expect(moves).toContain("redis-7 leaves the cluster, its container goes after that");
  await deleteAfter(6, "retained");
  await expectInOrder(3);
});

it("refuses fewer masters when the keys do not fit, and says what would do", SLOW, async () => {
  const client = cluster.client();
  const large = Array.from({ length: 60 }, (_, i) => `large:${i}`);
  try {
    await Promise.all(large.map((key) => client.set(key, "x".repeat(2 ** 20))));
    // 60 MB on what is taken for four masters: three of 16 MB hold 43.
    const olds = { ...state, masters: 4 };
    const { failures } = await provider.check!(olds, cluster.inputs({ maxMemoryMb: 32, masters: 3 }));
    expect(failures).toEqual([]);
    const small = { ...olds, settings: { ...olds.settings, maxmemory: "16mb" } };
    const refused = await provider.check!(small, cluster.inputs({ maxMemoryMb: 16, masters: 3 }));
    expect(refused.failures).toHaveLength(1);
    const { reason } = refused.failures![0]!;
    expect(reason).toMatch(/the Redis masters hold [6-9]\d MB of data, and 3 masters of 16mb take 43 MB/);
    expect(reason).toMatch(/Set acgs-db:redis\.maxMemoryMb to [23]\d or more, or set acgs-db:redis\.masters/);
  } finally {
    await Promise.all(large.map((key) => client.del(key)));
    client.disconnect();
  }
});

it("gives each master a second replica, on volumes of nodes that left", SLOW, async () => {
  await start(6, 7, 8);
  expect(await update(cluster.inputs({ replicasPerMaster: 2 }))).toEqual(
    ["redis-7", "redis-8", "redis-9"].map((name) => `${name} becomes a replica`),
  );
  await expectInOrder(3, 2);
});

it("takes nodes out that an update brought in which was taken back", SLOW, async () => {
  // One of them has become a master: its slots go to a replica that stays.
  const { "redis-8": master } = await cluster.roles();
  await cluster.onNode(7, (redis) => redis.cluster("FAILOVER"));
  await eventually("it is a master", async () => (await cluster.roles())[master!] === "redis-8");
  await eventually("the others follow", async () =>
    Object.values(await cluster.roles()).every((role) => role !== master),
  );

  // The state knows six nodes, as it does when an update to nine fails half-way.
  const six = {
    ...cluster.inputs(),
    nodes: Object.fromEntries(Object.entries(cluster.addresses).slice(0, 6)),
  };
  state = { ...state, ...six };
  delete state.moves;
  const moves = await update(six);
  expect(moves).toHaveLength(3);
  for (const move of moves) expect(move).toMatch(/^Member \w{40} at 127\.0\.0\.1:\d+ with \d+ slots is none/);
  expect(moves.filter((move) => / with 546\d slots /.test(move))).toHaveLength(1);
  await deleteAfter(6);
  await expectInOrder(3);
});

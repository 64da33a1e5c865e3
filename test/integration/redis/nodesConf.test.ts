import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { provider } from "../../../components/redis/clusterState.provider.ts";
import { eventually } from "../../../testing/eventually.ts";
import { freePorts } from "../../../testing/ports.ts";
import { docker, TestCluster } from "../../unit/redis/testCluster.ts";

// What a power failure or a full disk leaves of a node's own file, nodes.conf.
const cluster = new TestCluster("acgs-redis-nodes-conf-test", 6, await freePorts(12));
const KEYS = Array.from({ length: 500 }, (_, i) => `key:${i}`);
const FILE = "nodes.conf";
const COPY = "nodes.conf.copy";
const CUT = "cut in the middle";

const DAMAGES: Record<string, string> = {
  "cut within its last line": 'truncate --size=-5 "$1"',
  [CUT]: 'truncate --size=$(($(stat --format=%s "$1") / 2)) "$1"',
  "cut behind a line": `sed -i 3q "$1"`,
  empty: 'truncate --size=0 "$1"',
  missing: 'rm -f "$1"',
  "as long as before, of zeros":
    'size=$(stat --format=%s "$1"); truncate --size=0 "$1"; truncate --size="$size" "$1"',
};

/** Runs a script in the volume of a node that is stopped. */
async function inVolume(i: number, script: string, ...args: string[]): Promise<string> {
  const image = (await docker("inspect", "--format", "{{.Image}}", cluster.container(i))).trim();
  const volume = ["--volume", `${cluster.container(i)}-data:/var/lib/redis`];
  const shell = ["--entrypoint", "bash", image, "-euc", script, "bash", ...args];
  return docker("run", "--rm", "--network", "none", "--workdir", "/var/lib/redis", ...volume, ...shell);
}

async function damage(nodes: readonly number[], script: string, files = [FILE]): Promise<void> {
  for (const i of nodes) await docker("kill", cluster.container(i));
  for (const i of nodes) for (const file of files) await inVolume(i, script, file);
  for (const i of nodes) await docker("start", cluster.container(i));
}

const ids = () =>
  Promise.all(
    cluster.all().map((i) => cluster.onNode(i, async (redis) => String(await redis.cluster("MYID")))),
  );

/** What any of the nodes knows: members, those of former lives among them. */
const known = () =>
  Promise.all(
    cluster.all().map((i) =>
      cluster.onNode(
        i,
        async (redis) =>
          String(await redis.cluster("NODES"))
            .trim()
            .split("\n").length,
      ),
    ),
  );

async function keysThere(): Promise<number> {
  const client = cluster.client();
  try {
    const values = await Promise.all(KEYS.map((key) => client.get(key)));
    return values.filter((value, i) => value === KEYS[i]).length;
  } finally {
    client.disconnect();
  }
}

async function nodeThatIs(role: "master" | "replica"): Promise<number> {
  const roles = await cluster.roles();
  const name = Object.keys(roles).find((one) => (typeof roles[one] === "number") === (role === "master"))!;
  return Number(name.slice("redis-".length)) - 1;
}

const wellAgain = () =>
  eventually("in order and in step", async () => {
    const healthy = await Promise.all(cluster.all().map((i) => cluster.healthy(i)));
    return healthy.every(Boolean) && (await cluster.inOrder());
  });

let before: string[];

beforeAll(async () => {
  await cluster.start();
  // As in a stack: a node that cannot start is started again.
  await docker("update", "--restart", "unless-stopped", ...cluster.all().map((i) => cluster.container(i)));
  await provider.create(cluster.inputs());
  const client = cluster.client();
  for (const key of KEYS) await client.set(key, key);
  client.disconnect();
  before = await ids();
}, 120_000);
afterAll(() => cluster.remove(), 60_000);

beforeEach(async () => {
  await wellAgain();
  // The copy follows within seconds, and the log of commands.
  for (const i of cluster.all())
    await eventually("it is copied", async () => {
      const script = `! [[ ${FILE} -nt ${COPY} ]] && cmp ${FILE} ${COPY}`;
      return docker("exec", cluster.container(i), "bash", "-c", script).then(
        () => true,
        () => false,
      );
    });
}, 120_000);

async function expectAllThere(): Promise<void> {
  await wellAgain();
  expect(await ids()).toEqual(before);
  expect(await known()).toEqual([6, 6, 6, 6, 6, 6]);
  expect(await keysThere()).toBe(KEYS.length);
  expect(Object.values(await cluster.roles()).filter((role) => typeof role === "string")).toHaveLength(3);
}

for (const role of ["replica", "master"] as const) {
  it.each(Object.entries(DAMAGES))(
    `a ${role} whose nodes.conf is %s comes back as itself, with every key`,
    { timeout: 120_000 },
    async (_, script) => {
      const i = await nodeThatIs(role);
      await damage([i], script);
      await expectAllThere();
    },
  );
}

it(
  "all six come back, with every key, when all their files are cut at once",
  { timeout: 120_000 },
  async () => {
    await damage(cluster.all(), DAMAGES[CUT]!);
    await expectAllThere();
  },
);

it(
  "a node that has lost its file and the copy does not start as another, and starts again by what docs/redis.md says",
  { timeout: 180_000 },
  async () => {
    const i = await nodeThatIs("replica");
    await damage([i], DAMAGES[CUT]!, [FILE, COPY]);
    const exitCode = () => docker("inspect", "--format", "{{.State.ExitCode}}", cluster.container(i));
    await eventually("it does not start", async () => (await exitCode()).trim() === "78");
    expect(await inVolume(i, "nodes-file restore 2>&1 || true")).toContain(
      `nodes.conf is cut and there is no whole copy of it. Nothing was changed. docs/redis.md says how to go on`,
    );
    await inVolume(i, "rm -rf nodes.conf* appendonlydir dump.rdb");
    await eventually("it is met", async () => (await known()).every((count) => count === 7));
    await provider.create(cluster.inputs());
    await wellAgain();
    expect(await known()).toEqual([6, 6, 6, 6, 6, 6]);
    expect(await keysThere()).toBe(KEYS.length);
  },
);

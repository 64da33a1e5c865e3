import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pause } from "../../../lib/wait.ts";
import { provider } from "../../../components/redis/clusterState.provider.ts";
import {
  failoverBeforeReplace,
  provider as handover,
} from "../../../components/redis/beforeReplace.provider.ts";
import { NODE_TIMEOUT_MS } from "../../../components/redis/nodeFiles.ts";
import { Load } from "../../unit/redis/load.ts";
import { freePorts } from "../../../testing/ports.ts";
import { eventually } from "../../../testing/eventually.ts";
import { ADMIN, ADMIN_PASSWORD, docker, TestCluster } from "../../unit/redis/testCluster.ts";

/** More rounds for a measurement that is written down: `REDIS_FAILOVERS=10 npm test -- integration --bail=0 test/integration/redis/failover.test.ts`. */
const ROUNDS = Number(process.env["REDIS_FAILOVERS"] ?? 3);
/** What clients of a lost master wait at most, as the median. In ms. */
const FAILOVER_WITHIN = 5_000;

const cluster = new TestCluster("acgs-redis-failover-test", 6, await freePorts(12));
type State = NonNullable<Awaited<ReturnType<typeof provider.create>>["outs"]>;
let state: State;

beforeAll(async () => {
  await cluster.start();
  state = (await provider.create(cluster.inputs())).outs!;
}, 120_000);
afterAll(() => cluster.remove(), 60_000);

const roleOf = async (name: string) => (await cluster.roles())[name]!;
const indexOf = (name: string) => Number(name.slice("redis-".length)) - 1;
const settled = () => eventually("in order", () => cluster.inOrder());

/** A master, its replica, and a key of its slots. */
async function shard(): Promise<{ master: string; replica: string; key: string }> {
  const roles = await cluster.roles();
  const master = Object.keys(roles).find((name) => typeof roles[name] === "number")!;
  const replica = Object.keys(roles).find((name) => roles[name] === master)!;
  const client = cluster.client(indexOf(replica));
  try {
    for (let i = 0; ; i++) {
      const key = `shard:${i}`;
      const slot = await client.cluster("KEYSLOT", key);
      const owned = await cluster.onNode(indexOf(master), async (redis) =>
        (await redis.cluster("SLOTS")).some(
          ([first, last, owner]) =>
            slot >= first && slot <= last && owner?.[1] === cluster.port + indexOf(master),
        ),
      );
      if (owned) return { master, replica, key };
    }
  } finally {
    client.disconnect();
  }
}

/** Writes one key until told to stop. */
function writer(key: string, from: string) {
  const client = cluster.client(indexOf(from));
  const acknowledged: number[] = [];
  let stopping = false;
  const running = (async () => {
    while (!stopping) {
      const sent = await client.set(key, Date.now()).catch(() => "");
      if (sent === "OK") acknowledged.push(Date.now());
      await pause(10);
    }
  })();
  return {
    acknowledged,
    stop: async () => {
      stopping = true;
      await running;
      client.disconnect();
    },
  };
}

const gapOf = (times: number[]) => Math.max(...times.slice(1).map((time, i) => time - times[i]!));

it(
  `replaces a killed master within ${FAILOVER_WITHIN / 1000} s, as the median of ${ROUNDS}`,
  { timeout: 60_000 + ROUNDS * 60_000 },
  async () => {
    const gaps: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { master, replica, key } = await shard();
      const { acknowledged, stop } = writer(key, replica);
      await eventually("it writes", async () => acknowledged.length > 20);
      await docker("kill", cluster.container(indexOf(master)));
      const before = Date.now();
      await eventually(
        "it writes again",
        async () => acknowledged.filter((time) => time > before).length > 20,
      );
      await stop();
      gaps.push(gapOf(acknowledged));
      expect(typeof (await cluster.roles())[replica]).toBe("number");

      await docker("start", cluster.container(indexOf(master)));
      await settled();
      // The former master follows, and is in step before the next one goes.
      await eventually("it follows", async () => (await roleOf(master)) === replica);
      await eventually("it is healthy", () => cluster.healthy(indexOf(master)));
    }
    gaps.sort((a, b) => a - b);
    const median = (gaps[Math.floor((ROUNDS - 1) / 2)]! + gaps[Math.floor(ROUNDS / 2)]!) / 2;
    console.log(`Redis master killed: clients waited ${median} ms (median of ${ROUNDS}; ${gaps.join(", ")})`);
    expect(median).toBeLessThanOrEqual(FAILOVER_WITHIN);
  },
);

describe("a planned replacement", () => {
  it(
    "of a master's container fails no operation and holds no client for long",
    { timeout: 120_000 },
    async () => {
      const { master, replica } = await shard();
      const load = new Load(cluster.client(indexOf(replica)));
      await load.more(1_000);
      const outcome = await failoverBeforeReplace(master, cluster.addresses[master]!, ADMIN);
      expect(outcome).toContain(`took over from ${master}`);
      await cluster.removeNode(indexOf(master));
      await load.more(500);
      await cluster.startNode(indexOf(master));
      await eventually("it is healthy", () => cluster.healthy(indexOf(master)));
      await load.more(1_000);
      await load.stop();
      expect(load.failures).toEqual([]);
      expect(load.wrong).toEqual([]);
      console.log(`Redis master replaced: an operation took ${Math.round(load.longestMs)} ms at most`);
      // Less than a node has to be silent to be taken for lost: it was no failover.
      expect(load.longestMs).toBeLessThan(NODE_TIMEOUT_MS);
      expect(await roleOf(master)).toBe(replica);
      await settled();
    },
  );

  it(
    "of a replica's container hands nothing over, and a new one's neither",
    { timeout: 60_000 },
    async () => {
      const { replica } = await shard();
      const before = await cluster.roles();
      const address = cluster.addresses[replica]!;
      expect(await failoverBeforeReplace(replica, address, ADMIN)).toBe(
        `${replica} is a replica and had nothing to hand over.`,
      );
      const { master } = await shard();
      const inputs = {
        node: master,
        address: cluster.addresses[master]!,
        admin: ADMIN,
        container: {},
      };
      await handover.create(inputs);
      expect(await cluster.roles()).toEqual(before);
    },
  );

  it("goes on without a replica, and says what is away meanwhile", { timeout: 120_000 }, async () => {
    const { master, replica } = await shard();
    const address = cluster.addresses[master]!;
    await docker("stop", cluster.container(indexOf(replica)));
    try {
      await eventually("it is missed", async () =>
        cluster.onNode(indexOf(master), async (redis) =>
          /slave,fail|slave.* disconnected/.test(String(await redis.cluster("NODES"))),
        ),
      );
      const inputs = { node: master, address, admin: ADMIN, container: { image: "a" } };
      const olds = { ...inputs, outcome: "" };
      const { outs } = await handover.update!("", olds, { ...inputs, container: { image: "b" } });
      expect(outs!.outcome).toMatch(
        new RegExp(
          `^${master} has no replica that can take over.*: its 546\\d slots are away until its container is back`,
        ),
      );
    } finally {
      await docker("start", cluster.container(indexOf(replica)));
    }
    await settled();
    await eventually("it is healthy", () => cluster.healthy(indexOf(replica)));
  });

  it("says so where the node does not answer", { timeout: 30_000 }, async () => {
    expect(await failoverBeforeReplace("redis-9", "127.0.0.1:17499", ADMIN)).toMatch(
      /^redis-9 had nothing to hand over: Redis node redis-9 at 127\.0\.0\.1:17499 cannot be used: .*ECONNREFUSED/,
    );
  });
});

it(
  "a master that is cut off stops taking writes, by about when its replica begins",
  { timeout: 120_000 },
  async () => {
    const { master, replica, key } = await shard();
    const container = cluster.container(indexOf(master));
    // A session on the node itself: it stays open when the network goes. The password goes by standard input.
    const session = spawn("docker", ["exec", "-i", container, "bash", "-c", ISOLATED, "bash", key], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    let output = "";
    session.stdout.on("data", (data: Buffer) => (output += data.toString()));
    session.stdin.end(`${ADMIN_PASSWORD}\n`);
    const acknowledgedOnMaster = () => [...output.matchAll(/^OK (\d+)$/gm)].map(([, time]) => Number(time));
    await eventually("the session writes", async () => acknowledgedOnMaster().length > 20);

    await docker("network", "disconnect", cluster.prefix, container);
    const cut = Date.now();
    const others = writer(key, replica);
    await eventually("the replica takes writes", async () => others.acknowledged.length > 20);
    await once(session, "close");
    await others.stop();

    const last = Math.max(...acknowledgedOnMaster());
    const first = Math.min(...others.acknowledged);
    console.log(
      `Redis master cut off: it took writes for ${last - cut} ms, its replica after ${first - cut} ms`,
    );
    // Redis asks every other node at least every half time-out, and waits one time-out for the answer.
    expect(last - cut).toBeLessThan(1.5 * NODE_TIMEOUT_MS + 1_000);
    expect(last - first).toBeLessThan(1_000);
    expect(output).toContain("CLUSTERDOWN");

    await docker("network", "connect", "--alias", master, cluster.prefix, container);
    await settled();
    await eventually("it follows", async () => (await roleOf(master)) === replica);
    expect((await provider.read!("redis-cluster", state)).props!.condition).toBe("in order");
  },
);

/** Writes a key every 20 ms, prints the time (ms) of each acknowledgement, and ends after a hundred refusals. */
const ISOLATED = `
IFS= read -r password
{
  printf 'AUTH admin "%s"\\n' "$(sed 's/[\\\\"]/\\\\&/g' <<< "$password")"
  while [[ ! -e /tmp/refused ]]; do echo "SET $1 isolated"; sleep 0.02; done
} | redis-cli -s /tmp/redis.sock | while read -r answer; do
  case $answer in
    OK) echo "OK $(date +%s%3N)" ;;
    CLUSTERDOWN*) echo "$answer"; refused=$((\${refused:-0} + 1)); if ((refused == 100)); then touch /tmp/refused; fi ;;
  esac
done
`;

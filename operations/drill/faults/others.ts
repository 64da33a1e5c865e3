import { type Fault, kill, killFirst } from "./fault.ts";
import { needsReplica } from "./leader.ts";

/** How long the control runs, and how long etcd stays away. In ms. */
const CONTROL = 10_000;
const ETCD_AWAY = 60_000;
const POWER_AWAY = 5_000;

export const none: Fault = {
  name: "none",
  what: "Nothing: the clients' own control.",
  begin: () => Promise.resolve("nothing is done"),
  lasts: CONTROL,
};

export const replicaKilled: Fault = {
  name: "replica-killed",
  what: "The container of a replica is killed, of one that confirms commits where there is one.",
  impossible: needsReplica,
  async begin(ground) {
    const { patroni } = ground.stack;
    const replicas = (await patroni.cluster()).filter(({ role }) => role !== "leader");
    const confirming = replicas.find(({ role }) => role !== "replica");
    return kill(ground, [ground.stack.part((confirming ?? replicas[0]!).name)]);
  },
};

export const routerKilled: Fault = {
  name: "router-killed",
  what: "The first HAProxy is killed: its container where there is another, else its processes, which the engine starts again.",
  begin: (ground) => killFirst(ground, "haproxy"),
};

export const poolerKilled: Fault = {
  name: "pooler-killed",
  what: "The first PgBouncer is killed: its container where there is another, else its processes, which the engine starts again.",
  begin: (ground) => killFirst(ground, "pgbouncer"),
};

export const redisMasterKilled: Fault = {
  name: "redis-master-killed",
  what: "The container of one Redis master is killed, and started again once all clients are served.",
  impossible: ({ outputs, shape }) =>
    shape.redisNodes === outputs.redis.nodes.length
      ? undefined
      : "not all Redis nodes were found on the hosts",
  begin: (ground) =>
    kill(
      ground,
      ground.stack.of("redis").filter(({ ports }) => ports.includes(ground.redisMaster)),
    ),
};

export const powerCut: Fault = {
  name: "all-killed",
  what: "All containers are killed at once, and started at once, as the engine does after a power cut.",
  begin: async (ground) => {
    await kill(ground, ground.stack.parts);
    return "every container killed";
  },
  lasts: POWER_AWAY,
};

export const etcdDown: Fault = {
  name: "etcd-down",
  what: `All of etcd is away for ${ETCD_AWAY / 1000} s; the primary stays as long as it reaches all members.`,
  begin: (ground) => kill(ground, ground.stack.of("etcd")),
  lasts: ETCD_AWAY,
};

export const etcdLeaderKilled: Fault = {
  name: "etcd-leader-killed",
  what: "The container of the etcd member that leads is killed.",
  impossible: ({ shape }) => (shape.etcd > 1 ? undefined : "the stack has one etcd: that is etcd-down"),
  async begin(ground) {
    const { stack } = ground;
    for (const part of stack.of("etcd")) {
      const status = await stack.run(part, ["etcdctl", "endpoint", "status", "--write-out=json"]);
      // 64 bits: more than a JavaScript number holds.
      const [id, leader] = ["member_id", "leader"].map(
        (key) => new RegExp(`"${key}":(\\d+)`).exec(status)?.[1],
      );
      if (id !== undefined && id === leader) return kill(ground, [part]);
    }
    throw new Error("No etcd member says that it leads.");
  },
};

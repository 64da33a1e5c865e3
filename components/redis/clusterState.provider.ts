import type * as pulumi from "@pulumi/pulumi";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { stillUnknown } from "./clusterConsistency.ts";
import { checkHealth } from "./health.ts";
import { enablePeerUser, connectTo, nodesUnknownTo } from "./removeNodes.ts";
import { reconcile } from "./reconcile.ts";
import { TLS_FILE } from "../docker/containerFiles.ts";
import { asWritten, bytesOf, isMemory, type LiveSettings } from "./liveSettings.ts";
import { type AdminAccess, connect, untilInOrder, withNodes, type Node } from "./nodes.ts";
import { redisCliIn } from "./redisCli.ts";
import { peerPassword, setUserCommands } from "./users.ts";
import { changesSpec, unknownNodes, reshardPlan } from "./reshardPlan.ts";
import type { ClusterSpec } from "./clusterSpec.ts";

interface Inputs extends ClusterSpec {
  /** A container of a node that stays: `redis-cli --cluster` runs there. */
  shell: ContainerAddress;
  /** Lines of the ACL file. */
  users: string;
  /** What is wrong with the cluster, found by a refresh; the program always wants IN_ORDER. */
  condition: string;
  /** What the last update of nodes or masters moved, in words. */
  moves?: string[];
}

interface Outputs extends Inputs {
  /** Such as 7.0.15. */
  version: string;
}

/** New containers answer within seconds; one that loads a large cache takes longer. In ms. */
const ANSWER_WITHIN = 300_000;
/** A refresh does not wait for nodes that are down. In ms. */
const REFRESH_WITHIN = 3_000;

const NOT_REACHED = "not reached";

async function bringInOrder(inputs: Inputs, olds?: Partial<Inputs>): Promise<Outputs> {
  const { nodes, masters, settings, admin, shell, users } = inputs;
  const all = { ...olds?.nodes, ...nodes };
  return withNodes(all, admin, ANSWER_WITHIN, async (found) => {
    const staying = found.filter(({ name }) => name in nodes);
    for (const node of staying) {
      // First the limits: a cluster that has slots takes writes.
      await applySettings(node, settings);
      // An update that was to take it out may have been interrupted.
      await enablePeerUser(node, true);
    }
    for (const node of found) await applyUsers(node, users);
    // Once all take the new one from each other.
    const peers = peerPassword(admin.passwords[0]!);
    for (const { redis } of found) await redis.config("SET", "masterauth", peers);
    // They introduce themselves to each other (`cluster-meet` in the image).
    await untilInOrder(ANSWER_WITHIN, () => stillUnknown(staying));
    const others = await connectTo(await nodesUnknownTo(staying[0]!, found), admin);
    try {
      const leaving = [...found.filter((node) => !staying.includes(node)), ...others];
      await reconcile({ staying, leaving, masters, clusterCommand: redisCliIn(shell, admin.passwords[0]!) });
    } finally {
      for (const { redis } of others) redis.disconnect();
    }
    return { ...inputs, version: await versionOf(staying[0]!) };
  });
}

async function applySettings({ redis }: Node, settings: LiveSettings): Promise<void> {
  for (const [name, value] of Object.entries(settings)) await redis.config("SET", name, value);
  // Setting the same name makes Redis read the file again: the certificate may be a renewed one.
  await redis.config("SET", "tls-cert-file", TLS_FILE.certificate);
  // Kept in the node's volume, so that a restarted or replaced container has them from its first moment.
  await redis.config("REWRITE");
}

/** By name and not as a whole: to load the file anew would end the sessions of all users. */
async function applyUsers({ redis }: Node, users: string): Promise<void> {
  for (const words of setUserCommands(users)) await redis.call("ACL", "SETUSER", ...words);
}

async function versionOf({ redis }: Node): Promise<string> {
  return /^redis_version:(\S+)/m.exec(await redis.info("server"))![1]!;
}

/** What the nodes have: one value where all agree, else each node's own. */
async function settingsInForce(inputs: Inputs): Promise<LiveSettings> {
  const { nodes, admin, settings } = inputs;
  const found = await Promise.all(
    Object.entries(nodes).map(async ([name, address]) => {
      const values = await read(name, address, admin, Object.keys(settings));
      return { name, values };
    }),
  );
  return Object.fromEntries(
    Object.keys(settings).map((setting) => {
      const values = found.map(({ name, values }) => ({ name, value: values?.[setting] ?? NOT_REACHED }));
      const same = values.every(({ value }) => value === values[0]!.value);
      return [setting, same ? values[0]!.value : values.map((one) => `${one.name}: ${one.value}`).join("; ")];
    }),
  );
}

async function read(name: string, address: string, admin: AdminAccess, settings: string[]) {
  const node = await connect(name, address, admin, REFRESH_WITHIN).catch(() => undefined);
  if (!node) return undefined;
  try {
    const values: LiveSettings = {};
    for (const setting of settings) {
      const [, value] = (await node.redis.config("GET", setting)) as [string, string];
      values[setting] = asWritten(setting, value);
    }
    return values;
  } finally {
    node.redis.disconnect();
  }
}

/** What would lose keys whatever the nodes hold; said before anything is changed. */
export function refusals(olds: Partial<Inputs>, news: Inputs): pulumi.dynamic.CheckFailure[] {
  const failures: pulumi.dynamic.CheckFailure[] = [];
  const before = olds.settings?.["maxmemory"];
  const after = news.settings["maxmemory"];
  // A refresh may have found other values on each node, in words: then there is nothing to compare.
  if (isMemory(before) && isMemory(after) && bytesOf(after) * 2 < bytesOf(before)) {
    const half = Math.ceil(bytesOf(before) / 2 ** 21);
    failures.push({
      property: "settings",
      reason:
        `maxmemory would go from ${before} to ${after}. The containers' limit follows before the nodes have dropped ` +
        `keys, so one update may at most halve it. Set acgs-db:redis.maxMemoryMb to ${half} or more, then lower it again.`,
    });
  }
  return failures;
}

export const provider: pulumi.dynamic.ResourceProvider<Inputs, Outputs> = {
  async check(olds: Partial<Inputs>, news) {
    const failures = refusals(olds, news);
    const keep = olds.moves ? { ...news, moves: olds.moves } : news;
    if (failures.length > 0 || !olds.nodes) return { inputs: keep, failures };
    if (changesSpec(olds, news)) {
      const found = await reshardPlan(olds, news);
      return { inputs: { ...news, moves: found.moves }, failures: found.failures };
    }
    const found = await unknownNodes(olds as Inputs, news);
    return { inputs: found.length > 0 ? { ...news, moves: found } : keep, failures };
  },
  async create(inputs) {
    return { id: "redis-cluster", outs: await bringInOrder(inputs) };
  },
  async update(_id, olds, news) {
    return { outs: await bringInOrder(news, olds) };
  },
  async read(id, props) {
    if (!props)
      throw new Error("A Redis cluster cannot be imported: `npm run up` takes a running one over as it is.");
    const { version, ...known } = props;
    const [settings, condition] = await Promise.all([settingsInForce(props), checkHealth(props)]);
    const inputs = { ...known, settings, condition };
    // The SDK's type takes inputs for a whole state.
    return { id, inputs: inputs as Outputs, props: { ...inputs, version } };
  },
};

import type * as pulumi from "@pulumi/pulumi";
import { form } from "./formation.ts";
import { asWritten, bytesOf, isMemory, type LiveSettings } from "./liveSettings.ts";
import { connect, withNodes, type Node, type NodeAddresses } from "./nodes.ts";

interface Inputs {
  /** `host:port` by name. */
  nodes: NodeAddresses;
  masters: number;
  replicasPerMaster: number;
  settings: LiveSettings;
  adminPassword: string;
}

interface Outputs extends Inputs {
  /** Such as 7.0.15. */
  version: string;
}

/** New nodes meet within seconds; a replica that loads a large cache takes longer. In ms. */
const IN_ORDER_WITHIN = 300_000;
/** A refresh does not wait for nodes that are down. In ms. */
const ANSWER_WITHIN = 1_000;

const NOT_REACHED = "not reached";

async function bringInOrder(inputs: Inputs): Promise<Outputs> {
  const deadline = Date.now() + IN_ORDER_WITHIN;
  return withNodes(inputs.nodes, inputs.adminPassword, deadline, async (nodes) => {
    // First the limits: a cluster that has slots takes writes.
    for (const node of nodes) await applySettings(node, inputs.settings);
    await form(nodes, inputs.masters, deadline);
    return { ...inputs, version: await versionOf(nodes[0]!) };
  });
}

async function applySettings({ redis }: Node, settings: LiveSettings): Promise<void> {
  for (const [name, value] of Object.entries(settings)) await redis.config("SET", name, value);
  // Kept in the node's volume, so that a restarted or replaced container has them from its first moment.
  await redis.config("REWRITE");
}

async function versionOf({ redis }: Node): Promise<string> {
  return /^redis_version:(\S+)/m.exec(await redis.info("server"))![1]!;
}

/** What the nodes have: one value where all agree, else each node's own. */
async function settingsInForce(inputs: Inputs): Promise<LiveSettings> {
  const { nodes, adminPassword, settings } = inputs;
  const found = await Promise.all(
    Object.entries(nodes).map(async ([name, address]) => {
      const values = await read(name, address, adminPassword, Object.keys(settings));
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

async function read(name: string, address: string, password: string, settings: string[]) {
  const node = await connect(name, address, password, Date.now() + ANSWER_WITHIN).catch(() => undefined);
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

/** What this version cannot do without losing keys, and says so before anything is changed. */
export function refusals(olds: Partial<Inputs>, news: Inputs): pulumi.dynamic.CheckFailure[] {
  const failures: pulumi.dynamic.CheckFailure[] = [];
  if (olds.masters !== undefined && olds.masters !== news.masters) {
    failures.push({
      property: "masters",
      reason:
        `a running Redis cluster has ${olds.masters} masters, the configuration asks for ${news.masters}: slots cannot ` +
        `be moved yet. Set acgs-db:redis.masters back to ${olds.masters}; for more room raise redis.maxMemoryMb.`,
    });
  }
  if (olds.replicasPerMaster !== undefined && news.replicasPerMaster < olds.replicasPerMaster) {
    failures.push({
      property: "replicasPerMaster",
      reason:
        `a running Redis cluster has ${olds.replicasPerMaster} replicas for each master, the configuration asks for ` +
        `${news.replicasPerMaster}: replicas can be added, not taken away. ` +
        `Set acgs-db:redis.replicasPerMaster back to ${olds.replicasPerMaster}.`,
    });
  }
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
    return { inputs: news, failures: refusals(olds, news) };
  },
  async create(inputs) {
    return { id: "redis-cluster", outs: await bringInOrder(inputs) };
  },
  async update(_id, _olds, news) {
    return { outs: await bringInOrder(news) };
  },
  async read(id, props) {
    if (!props)
      throw new Error("A Redis cluster cannot be imported: `npm run up` takes a running one over as it is.");
    const { nodes, masters, replicasPerMaster, adminPassword, version } = props;
    const settings = await settingsInForce(props);
    const inputs = { nodes, masters, replicasPerMaster, settings, adminPassword };
    // The SDK's type takes inputs for a whole state.
    return { id, inputs: inputs as Outputs, props: { ...inputs, version } };
  },
};

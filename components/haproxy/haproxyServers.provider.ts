import type * as pulumi from "@pulumi/pulumi";
import { isDeepStrictEqual } from "node:util";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { signalContainer } from "../../lib/docker/containers.ts";
import { exec } from "../../lib/docker/exec.ts";
import { anyError, nothingMissing, waitFor } from "../../lib/wait.ts";
import { reconnect } from "../pgbouncer/reconnect.ts";
import type { ProxyPath } from "../postgres/switchover/proxyPath.ts";
import {
  CONFIGURATION_FILE,
  MEMBERS_FILE,
  membersConfiguration,
  parseMembers,
  type RoutedMember,
} from "./haproxyConfiguration.ts";
import { serverStates } from "./runtimeApi.ts";

interface Inputs {
  /** By name. */
  members: Record<string, Omit<RoutedMember, "name">>;
  proxies: ProxyPath;
}

/** A reloaded HAProxy finds the primary with its first checks. In ms. */
const IN_FORCE_WITHIN = 60_000;
const POLL = 300;

async function apply({ members, proxies }: Inputs): Promise<void> {
  const file = membersConfiguration(Object.entries(members).map(([name, where]) => ({ name, ...where })));
  for (const instance of Object.values(proxies.routers)) {
    await replaceFile(instance, file);
    await signalContainer(instance, "USR2");
    await inForce(instance, Object.keys(members));
  }
  // Sessions of a reloaded HAProxy go on as they were, to members that may be about to leave.
  await reconnect(Object.values(proxies.poolers), proxies.poolerPasswords);
}

/** In one step and only where HAProxy itself takes it, so that one that starts meanwhile reads the old or the new. */
async function replaceFile(instance: ContainerAddress, file: string): Promise<void> {
  const script = 'cat > "$0.new" && haproxy -c -f "$1" -f "$0.new" && sync "$0.new" && mv "$0.new" "$0"';
  await exec(instance, ["sh", "-c", script, MEMBERS_FILE, CONFIGURATION_FILE], { input: file });
}

async function inForce(instance: ContainerAddress, members: readonly string[]): Promise<void> {
  await waitFor(async () => nothingMissing(await missing(instance, members)), {
    within: IN_FORCE_WITHIN,
    every: POLL,
    what: `${instance.container}, which was told to reload its members, to send clients to the primary`,
    remedy: `Read its log (docker logs ${instance.container}) and run the update again.`,
    waitOut: anyError,
  });
}

async function missing(instance: ContainerAddress, members: readonly string[]): Promise<string | undefined> {
  const states = await serverStates(instance, "writer");
  if (!isDeepStrictEqual(states.map(({ member }) => member).sort(), [...members].sort())) {
    return "it still has others";
  }
  return states.some(({ up }) => up) ? undefined : "it sees no primary";
}

export const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
  async create(inputs) {
    await apply(inputs);
    return { id: "haproxy-servers", outs: inputs };
  },
  async update(_id, olds, news) {
    // The way to a PgBouncer may change without what it is led to.
    const isSame = (of: (inputs: Inputs) => unknown) => isDeepStrictEqual(of(olds), of(news));
    if (!isSame(({ members }) => members) || !isSame(({ proxies }) => proxies.routers)) await apply(news);
    return { outs: news };
  },
  async read(id, props) {
    if (!props) throw new Error("The routes of a stack cannot be imported.");
    let { members } = props;
    for (const instance of Object.values(props.proxies.routers)) {
      const found = parseMembers(await exec(instance, ["cat", MEMBERS_FILE]));
      if (!isDeepStrictEqual(found, props.members)) members = found;
    }
    const inputs = { members, proxies: props.proxies };
    return { id, inputs, props: inputs };
  },
};

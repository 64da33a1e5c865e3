import type * as pulumi from "@pulumi/pulumi";
import { isDeepStrictEqual } from "node:util";
import { running } from "../../lib/docker/containers.ts";
import { messageOf } from "../../lib/errors.ts";
import { serverStates } from "../haproxy/runtimeApi.ts";
import { checkpoint } from "./memberSettings.ts";
import { leaderOf, type MemberAddress, Patroni } from "./patroniClient.ts";
import type { ProxyPath } from "./switchover/proxyPath.ts";
import { drainReads } from "./switchover/drainedReads.ts";
import { NoCandidate, switchOver } from "./switchover/switchover.ts";

interface Inputs {
  member: string;
  address: MemberAddress;
  container: unknown;
  proxies: ProxyPath;
  restUser: string;
  restPasswords: string[];
}

/** The engine stops the container right after; a replica's shutdown takes a moment. In s. */
const REPLACED_WITHIN = 60;

async function makeWay(inputs: Inputs): Promise<void> {
  const { member, address, proxies } = inputs;
  const patroni = new Patroni({ [member]: address }, inputs.restUser, inputs.restPasswords);
  const members = await patroni.cluster().catch((error: unknown) => refuseIfWritten(inputs, error));
  if (members === undefined) return;
  if (leaderOf(members) === member) {
    const among = members.map(({ name }) => name).filter((name) => name !== member);
    try {
      // It only shortens the wait: a member that cannot is handed over all the same.
      const tryCheckpoint = () => checkpoint(address).catch(() => undefined);
      await switchOver({ patroni, proxies, among, checkpoint: tryCheckpoint });
    } catch (error) {
      // A cluster of one, or whose replicas are away: its writers wait until the container is back.
      if (!(error instanceof NoCandidate)) throw error;
    }
  }
  await drainReads(member, proxies, REPLACED_WITHIN);
}

/**
 * A member whose Patroni does not answer hands nothing over: its container may go only where no client writes through it.
 *
 * @throws Error where an HAProxy sends writers to it, or an engine or an HAProxy does not tell
 */
async function refuseIfWritten({ member, address, proxies }: Inputs, error: unknown): Promise<undefined> {
  if ((await running([address])).length === 0) return;
  for (const router of await running(Object.values(proxies.routers))) {
    const states = await serverStates(router, "writer");
    if (!states.some((one) => one.member === member && one.up)) continue;
    throw new Error(
      `${member} is not replaced: ${router.container} sends writers to it, and its Patroni cannot be asked to hand over ` +
        `(${messageOf(error)}). See docker logs ${address.container}, and run the update again.`,
    );
  }
}

export const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
  async create(inputs) {
    return { id: inputs.member, outs: inputs };
  },
  async update(_id, olds, news) {
    // The old address: the container that runs is the one that will go.
    if (!isDeepStrictEqual(olds.container, news.container)) await makeWay({ ...news, address: olds.address });
    return { outs: news };
  },
};

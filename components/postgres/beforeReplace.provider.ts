import type * as pulumi from "@pulumi/pulumi";
import { isDeepStrictEqual } from "node:util";
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
  // A member that does not answer has no clients.
  const members = await patroni.cluster().catch(() => undefined);
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

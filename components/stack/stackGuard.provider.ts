import { internalRefusals } from "../security/rotation/refusals.ts";
import type * as pulumi from "@pulumi/pulumi";
import type { GuardedInputs, StackGuardInputs } from "./stackGuard.ts";
import { takenOnHosts, unmarkedParts } from "./takenOnHosts.ts";

type Failure = pulumi.dynamic.CheckFailure;

/**
 * Changes of a running stack that would end badly half-way, each with the remedy. They are found here, in the
 * preview, because only a resource knows what the stack was made with.
 */
export function refusals(olds: Partial<StackGuardInputs>, news: StackGuardInputs): Failure[] {
  if (olds.prefix === undefined) return [];
  return [
    ...transportRefusals(olds),
    ...nameRefusals(olds as StackGuardInputs, news),
    ...memberRefusals(olds as StackGuardInputs, news),
    ...internalRefusals((olds as StackGuardInputs).internalRotation, news.internalRotation),
    ...memoryRefusals(olds as StackGuardInputs, news),
    ...portRefusals(olds as StackGuardInputs, news),
    ...dataRefusals(olds, news),
  ];
}

/** Members that show certificates and members that ask for passwords do not let each other in: half-way, all would stand still. */
function transportRefusals({ prefix, transport }: Partial<StackGuardInputs>): Failure[] {
  if (transport === "mutual tls") return [];
  return [
    {
      property: "transport",
      reason:
        `the stack ${prefix} was made by a version whose members do not know each other by certificates, and cannot be ` +
        `changed into one whose members do. Nothing was touched. Go on with the version that made it, or make a ` +
        `new stack beside it and move the data (docs/limits.md, "Stacks of earlier commits").`,
    },
  ];
}

/** Other names mean other volumes: an empty stack. */
function nameRefusals(olds: StackGuardInputs, news: StackGuardInputs): Failure[] {
  const failures: Failure[] = [];
  if (olds.prefix !== news.prefix) {
    failures.push({
      property: "prefix",
      reason:
        `the stack's volumes are named ${olds.prefix}-…; under the prefix ${news.prefix} it would be empty. Set ` +
        `acgs-db:prefix back to ${olds.prefix}, or make another stack and move the data.`,
    });
  }
  const moved = olds.hosts.filter((host) => !news.hosts.includes(host));
  if (moved.length > 0) {
    failures.push({
      property: "hosts",
      reason:
        `the data lies on the host ${moved.join(", ")}, which the configuration no longer names. ` +
        `Set acgs-db:hosts back to ${olds.hosts.join(", ")}; address and bind may change.`,
    });
  }
  return failures;
}

/** A member that starts with another list of peers makes a cluster of its own, and two hold the leader's lock. */
function memberRefusals(olds: StackGuardInputs, news: StackGuardInputs): Failure[] {
  if (olds.etcdMembers === news.etcdMembers) return [];
  return [
    {
      property: "etcdMembers",
      reason:
        `a running etcd cluster has ${olds.etcdMembers} members and cannot be made one of ${news.etcdMembers} yet. ` +
        `Set acgs-db:etcd.members back to ${olds.etcdMembers}.`,
    },
  ];
}

/** The containers' limit falls at once, the servers' shared memory only by a restart. */
function memoryRefusals(olds: StackGuardInputs, news: StackGuardInputs): Failure[] {
  if (news.memoryMb * 2 >= olds.memoryMb) return [];
  return [
    {
      property: "memoryMb",
      reason:
        `the limit would fall from ${olds.memoryMb} to ${news.memoryMb} MB while the servers still hold the memory ` +
        `they were started with, and the kernel would end them. One update may at most halve it: set ` +
        `acgs-db:postgres.memoryMb to ${Math.ceil(olds.memoryMb / 2)} or more, restart the members, then lower it again.`,
    },
  ];
}

/** Containers are replaced one after the other: the first would want a port that the second still has. */
function portRefusals(olds: StackGuardInputs, news: StackGuardInputs): Failure[] {
  return Object.entries(news.ports).flatMap(([kind, { first, count }]) => {
    const before = olds.ports[kind];
    if (before === undefined || before.first === first) return [];
    const apart = first + count <= before.first || before.first + before.count <= first;
    if (apart) return [];
    return [
      {
        property: "ports",
        reason:
          `acgs-db:ports.${kind} would move by less than the ports it takes, from ${before.first} to ${first}: a ` +
          `container would want a port that the next still has. Move it to ${before.first + before.count} or beyond.`,
      },
    ];
  });
}

/**
 * Pulumi would refuse too, without a word on which key says otherwise. Like this, it goes by what the last update has
 * left, so the data is named by an update of its own, before the one that deletes it.
 */
function dataRefusals({ data = {} }: Partial<StackGuardInputs>, news: StackGuardInputs): Failure[] {
  // That etcd's members stay is a rule of its own, which nothing lifts.
  const leaving = Object.keys(data).filter(
    (name) => data[name] === "protected" && !(name in news.data) && !name.startsWith("etcd-"),
  );
  if (leaving.length === 0) return [];
  const one = leaving.length === 1;
  return [
    {
      property: "data",
      reason:
        `${leaving.join(", ")} ${one ? "holds" : "hold"} data, and this change would delete ${one ? "it" : "them"}. ` +
        `Take the change back, set acgs-db:allowDataLoss to ${JSON.stringify(leaving)} and run an update; ` +
        `then make the change again.`,
    },
  ];
}

/** Refuses at preview; makes nothing. */
export const provider: pulumi.dynamic.ResourceProvider<GuardedInputs, GuardedInputs> = {
  async check(olds: Partial<GuardedInputs>, news) {
    const inputs = { ...news, unmarked: unmarkedParts(olds, news) };
    const failures = refusals(olds, news);
    return { inputs, failures: failures.length > 0 ? failures : await takenOnHosts(olds, inputs) };
  },
  async create(inputs) {
    return { id: inputs.prefix, outs: inputs };
  },
  async update(_id, _olds, news) {
    return { outs: news };
  },
};

import type { StackConfiguration } from "./configuration.ts";

/** A machine with a Docker engine that carries containers of the stack. */
export type Host = StackConfiguration["hosts"][number];

/** One container of the stack, and where it runs. */
export interface Placement {
  /** What it is one of: `postgres`, `etcd`, `haproxy`, `pgbouncer`, `redis`. */
  readonly kind: string;
  /** Its number among its kind, from 1. */
  readonly index: number;
  /** Its name on the host's bridge network, such as `postgres-1`. */
  readonly alias: string;
  readonly host: Host;
  /** `<prefix>-<alias>`. */
  readonly containerName: string;
  /** `<prefix>-<alias>-data`. */
  readonly volumeName: string;
}

/** Where something is reached. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The ports under which a member is reached. */
export interface Reach {
  /** The host of whoever wants to reach it. */
  readonly from: Host;
  /** The port on which it listens inside its container. */
  readonly insidePort: number;
  /** The port under which its host publishes it; needed where it is reached from another host. */
  readonly publishedPort?: number;
}

/**
 * Spreads the members of one cluster over the hosts, in turn: member i goes to host (i - 1) mod hosts. So a
 * member stays where it is when another is added, and its volume with it.
 *
 * @throws RangeError when there is no host, or the count is not a whole number of at least 0
 */
export function placeMembers(
  kind: string,
  count: number,
  { prefix, hosts }: Pick<StackConfiguration, "prefix" | "hosts">,
): Placement[] {
  if (!Number.isInteger(count) || count < 0)
    throw new RangeError(`Cannot place ${count} members of ${kind}.`);
  return Array.from({ length: count }, (_, offset) => {
    const host = hosts[offset % hosts.length];
    if (host === undefined) throw new RangeError(`There is no host for ${kind}.`);
    const alias = `${kind}-${offset + 1}`;
    return {
      kind,
      index: offset + 1,
      alias,
      host,
      containerName: `${prefix}-${alias}`,
      volumeName: `${prefix}-${alias}-data`,
    };
  });
}

/**
 * The address under which one container of the stack reaches another: its alias on the bridge network that
 * the containers of a host share, or, on another host, that host's address and the published port.
 *
 * Several hosts need more than this address: the ports between members (PostgreSQL, Patroni, etcd's client
 * and peer ports, Redis and its bus) published on an address that the other hosts reach, and encryption on
 * them. Until the program does that, its configuration refuses more than one host.
 *
 * @throws Error when the member is on another host and has no published port
 */
export function addressOf(member: Placement, { from, insidePort, publishedPort }: Reach): Address {
  if (member.host.name === from.name) return { host: member.alias, port: insidePort };
  return clientAddressOf(member, publishedPort);
}

/**
 * The address under which a client outside Docker reaches a container.
 *
 * @throws Error when the container's port is not published
 */
export function clientAddressOf(member: Placement, publishedPort: number | undefined): Address {
  if (publishedPort === undefined) {
    throw new Error(
      `${member.containerName} publishes no port on host ${member.host.name}: nobody outside it reaches it.`,
    );
  }
  return { host: member.host.address, port: publishedPort };
}

/** All hosts that carry one of the members, each once. */
export function hostsOf(members: readonly Placement[]): Host[] {
  return [...new Map(members.map(({ host }) => [host.name, host])).values()];
}

import type { Host } from "./host.ts";

/** One container of a cluster, before it exists: its name, and the host that will carry it. */
export interface Placement {
  /** Such as `postgres-1`: its name on the stack's network, and the end of its container's name. */
  readonly alias: string;
  readonly host: Host;
}

/** The alias of the i-th of a kind, counted from 0: `postgres-1` is the first. */
export function aliasOf(kind: string, i: number): string {
  return `${kind}-${i + 1}`;
}

/**
 * Spreads the members of one kind over the hosts in turn, so that a member stays where it is, with its
 * volume, when another is added.
 *
 * @param kind   what they are, such as `postgres`
 * @param count  how many
 */
export function place(kind: string, count: number, hosts: readonly Host[]): Placement[] {
  return Array.from({ length: count }, (_, i) => ({
    alias: aliasOf(kind, i),
    host: hosts[i % hosts.length]!,
  }));
}

/**
 * The name under which other containers of the stack reach a member. All share the network of one host:
 * the configuration refuses a second one until members publish what they need of each other.
 */
export function addressOf(member: Placement): string {
  return member.alias;
}

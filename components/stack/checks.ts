import { ETCD_NAME } from "../etcd/etcdCommand.ts";
import { CLIENTS_PER_PGBOUNCER, connectionFaults } from "./connections.ts";
import type { Pool } from "./defaults.ts";
import type { Check, StackConfiguration } from "./stackConfiguration.ts";
import { configRemove, configSet, type ConfigIssue, keyOf, shown } from "./configIssue.ts";
import { portFaults } from "./ports.ts";
import { rotationFaults } from "../security/rotation/configuration.ts";
import { fittingPrefix, localHost, prefixPattern } from "./schemaParts.ts";

/** The rules that look at more than one value. */
export const crossChecks: readonly Check[] = [
  { reads: ["prefix"], faults: prefixFaults },
  { reads: ["hosts"], faults: hostFaults },
  { reads: ["hosts", "tls"], faults: certificateNameFaults },
  { reads: ["postgres.members", "postgres.synchronous"], faults: synchronousFaults },
  { reads: ["pgbouncer"], faults: clientLimitFaults },
  { reads: ["pgbouncer", "postgres.maxConnections"], faults: connectionFaults },
  { reads: ["ports", "pgbouncer.instances", "postgres.members", "redis"], faults: portFaults },
  { reads: ["secrets.rotation", "secrets.internalRotation"], faults: rotationFaults },
];

/** The default prefix comes from the stack's name, which Pulumi lets hold more than a container's name may. */
function prefixFaults({ prefix }: StackConfiguration): ConfigIssue[] {
  if (prefixPattern.test(prefix)) return [];
  return [
    {
      key: keyOf(["prefix"]),
      value: `nothing, and the stack's name would make it ${shown(prefix)}`,
      allowed: "lower-case letters, digits and inner hyphens, at most 40",
      remedy: configSet(["prefix"], fittingPrefix(prefix)),
    },
  ];
}

function hostFaults({ hosts }: StackConfiguration): ConfigIssue[] {
  const names = hosts.map((host) => host.name);
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  const faults: ConfigIssue[] = twice.map((name) => ({
    key: keyOf(["hosts"]),
    value: `${shown(name)} more than once`,
    allowed: "a name of its own for each host",
    remedy: `rename all but one: ${configSet(["hosts", names.lastIndexOf(name), "name"], `${name}-2`)}`,
  }));
  if (hosts.length > 1) {
    faults.push({
      key: keyOf(["hosts"]),
      value: `${hosts.length} hosts: ${names.join(", ")}`,
      allowed:
        "one host: several are not deployed yet. The traffic between members would cross the network,\n" +
        "and their ports are not published for it.",
      remedy: configRemoveHosts(hosts.length),
    });
  }
  return faults;
}

function configRemoveHosts(count: number): string {
  const extra = Array.from({ length: count - 1 }, (_, index) => count - 1 - index);
  return extra.map((index) => `pulumi config rm --path '${keyOf(["hosts", index])}'`).join("\n");
}

/** The certificates of all containers hold these names; etcd accepts every certificate that holds one of its own. */
function certificateNameFaults({ hosts, tls }: StackConfiguration): ConfigIssue[] {
  const own: readonly string[] = Object.values(ETCD_NAME);
  const isOwn = ({ name }: { name: string }) => own.includes(name.toLowerCase());
  const allowed = `any other name: ${own.join(" and ")} let containers into etcd`;
  return [
    ...hosts
      .map(({ address }, index) => ({ name: address, path: ["hosts", index, "address"] }))
      .filter(isOwn)
      .map(({ name, path }) => ({ path, name, remedy: configSet(path, localHost.address) })),
    ...tls.names
      .map((name, index) => ({ name, path: ["tls", "names", index] }))
      .filter(isOwn)
      .map(({ name, path }) => ({ path, name, remedy: configRemove(path) })),
  ].map(({ path, name, remedy }) => ({ key: keyOf(path), value: shown(name), allowed, remedy }));
}

/**
 * Two members cannot be synchronous and available: when one goes, either commits stop, or (Patroni's way
 * outside strict mode) they go on with nobody to keep the promise, and the next failure loses data.
 */
function synchronousFaults({ postgres: { members, synchronous } }: StackConfiguration): ConfigIssue[] {
  if (synchronous === "off" || members >= 3) return [];
  return [
    {
      key: keyOf(["postgres", "synchronous"]),
      value: `"quorum" with ${members} ${members === 1 ? "member" : "members"}`,
      allowed:
        '"quorum" with at least 3 members: with fewer, nobody is left to confirm a commit\n' +
        'when one is gone. "off" with any number.',
      remedy: `${configSet(["postgres", "members"], 3)}\nor ${configSet(["postgres", "synchronous"], "off")}`,
    },
  ];
}

/** A pool that takes fewer clients than it has connections could never use them; nor could one that PgBouncer cannot serve. */
function clientLimitFaults({ pgbouncer }: StackConfiguration): ConfigIssue[] {
  const pools = [
    ...Object.entries(pgbouncer.pools).map(([login, pool]) => ({
      path: ["pgbouncer", "pools", login],
      pool,
    })),
    { path: ["pgbouncer", "reader"], pool: pgbouncer.reader },
  ];
  const faults = pools
    .filter(({ pool }) => pool.maxClients < pool.size)
    .map(({ path, pool }) => ({
      key: keyOf([...path, "maxClients"]),
      value: shown(pool.maxClients),
      allowed: `at least the pool's size, ${pool.size}`,
      remedy: configSet([...path, "maxClients"], pool.size),
    }));
  const clients = pools.reduce((sum, { pool }) => sum + pool.maxClients, 0);
  return clients <= CLIENTS_PER_PGBOUNCER ? faults : [...faults, tooManyClients(clients, pools)];
}

function tooManyClients(clients: number, pools: { path: string[]; pool: Pool }[]): ConfigIssue {
  const { path, pool } = pools.reduce((one, other) =>
    other.pool.maxClients > one.pool.maxClients ? other : one,
  );
  const fitting = Math.max(pool.maxClients - (clients - CLIENTS_PER_PGBOUNCER), pool.size);
  return {
    key: keyOf(["pgbouncer"]),
    value: `pools of ${clients} clients`,
    allowed: `at most ${CLIENTS_PER_PGBOUNCER}: each PgBouncer takes the clients of all pools, as it does when the others are lost`,
    remedy: `${configSet([...path, "maxClients"], fitting)}\nor lower \`maxClients\` of other pools`,
  };
}

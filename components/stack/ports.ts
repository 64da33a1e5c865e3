import type { StackConfiguration } from "./stackConfiguration.ts";
import { configSet, type ConfigIssue, keyOf, shown } from "./configIssue.ts";

/** A run of ports that a stack publishes on its hosts. */
export interface PortRange {
  readonly key: keyof StackConfiguration["ports"];
  readonly what: string;
  readonly first: number;
  readonly last: number;
}

/** Redis' cluster bus listens this much above the client port; the sum must be a port. */
export const REDIS_BUS_OFFSET = 10_000;

/** How many Redis nodes a stack has. */
export function redisNodeCount({ masters, replicasPerMaster }: StackConfiguration["redis"]): number {
  return masters * (1 + replicasPerMaster);
}

/** Every port that the stack publishes. */
export function publishedPorts(configuration: StackConfiguration): PortRange[] {
  const { ports, pgbouncer, postgres, redis } = configuration;
  return [
    range("pgbouncer", "PgBouncer", ports.pgbouncer, pgbouncer.instances),
    // The first leads to the primary through HAProxy, the others to the members themselves.
    range("postgres", "PostgreSQL", ports.postgres, 1 + postgres.members),
    range("patroni", "Patroni", ports.patroni, postgres.members),
    range("redis", "Redis", ports.redis, redisNodeCount(redis)),
  ];
}

/** Ports that do not exist, and ports that two parts of the stack want. */
export function portFaults(configuration: StackConfiguration): ConfigIssue[] {
  const ranges = publishedPorts(configuration);
  const outside = ranges.flatMap((one) => {
    const most = one.key === "redis" ? 65_535 - REDIS_BUS_OFFSET : 65_535;
    const highest = most - (one.last - one.first);
    return one.first <= highest ? [] : [tooHigh(one, highest)];
  });
  const clashes = ranges.flatMap((one, index) =>
    ranges
      .slice(0, index)
      .filter((other) => one.first <= other.last && other.first <= one.last)
      .map((other) => clash(one, other)),
  );
  return [...outside, ...clashes];
}

function tooHigh(one: PortRange, highest: number): ConfigIssue {
  const bus = one.key === "redis" ? ` (its cluster bus takes ${REDIS_BUS_OFFSET} more)` : "";
  return {
    key: keyOf(["ports", one.key]),
    value: shown(one.first),
    allowed: `at most ${highest}: ${one.what} takes ${one.last - one.first + 1} ports from there${bus}`,
    remedy: configSet(["ports", one.key], highest),
  };
}

function clash(one: PortRange, other: PortRange): ConfigIssue {
  return {
    key: keyOf(["ports", one.key]),
    value: `${one.first}, so that ${one.what} takes ${spelled(one)}`,
    allowed: `ports outside ${spelled(other)}, which ${other.what} takes`,
    remedy: configSet(["ports", one.key], other.last + 1),
  };
}

function spelled({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first} to ${last}`;
}

function range(key: PortRange["key"], what: string, first: number, count: number): PortRange {
  return { key, what, first, last: first + count - 1 };
}

import { isEveryAddress, isLoopback } from "../../lib/addresses.ts";
import { foundationOf, isProduction, membersOf } from "../production.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import type { Resource, StackFault, StackRule } from "../rule.ts";
import { list, mapping, texts } from "../values.ts";

/** A rule that development need not keep. */
const rule = (
  name: string,
  description: string,
  remedy: string,
  faults: (stack: readonly Resource[]) => readonly StackFault[],
): StackRule => ({
  name,
  description: `In production, ${description}`,
  remedy: `${remedy}, or say acgs-db:environment: development for a stack whose loss matters to nobody`,
  stackFaults: (stack) => (isProduction(stack) ? faults(stack) : []),
});

const fewer = (kind: string, what: string) => (stack: readonly Resource[]) => {
  const { length } = membersOf(stack, kind);
  return length < 3
    ? [{ fault: `has ${length} ${length === 1 ? "member" : "members"} of ${what}, not 3` }]
    : [];
};

export const PRODUCTION_RULES: readonly StackRule[] = [
  rule(
    "three-etcd",
    "etcd keeps its majority when a member is lost.",
    "set acgs-db:etcd.members to 3 when the stack is made",
    fewer("etcd", "etcd"),
  ),
  rule(
    "three-postgres",
    "a commit finds a replica to confirm it when a member of PostgreSQL is lost.",
    "set acgs-db:postgres.members to 3",
    fewer("postgres", "PostgreSQL"),
  ),
  rule(
    "synchronous",
    "no acknowledged commit is lost with the primary.",
    'set acgs-db:postgres.synchronous to "quorum", and take synchronous_commit, fsync and full_page_writes out of acgs-db:postgres.parameters',
    (stack) => parametersOf(stack).flatMap((resource) => synchronousFaults(resource)),
  ),
  rule(
    "named-address",
    "ports are published on loopback, or on one address that the configuration names.",
    "set acgs-db:hosts[].bind to the one address at which clients reach the host",
    (stack) => {
      const named = texts(foundationOf(stack)?.args["binds"]);
      return stack
        .filter(({ type }) => type === TYPE.container)
        .flatMap((resource) => openPorts(resource, named).map((fault) => ({ resource, fault })));
    },
  ),
  rule(
    "kept-partitions",
    "monthly partitions are kept for the 365 days that the requirements ask for.",
    "set acgs-db:partitions.retentionMonths, and each table in acgs-db:partitions.retention, to 12 or more",
    (stack) =>
      stack
        .filter(({ type }) => type === TYPE.sqlSchema)
        .flatMap(shortRetention)
        .slice(0, 1),
  ),
  rule(
    "statistics-on",
    "the servers collect what reports and alerts are made from.",
    "take track_activities, track_counts and pg_stat_statements.track out of acgs-db:postgres.parameters",
    (stack) =>
      parametersOf(stack).flatMap((resource) => {
        const values = parameterValues(resource);
        return ["track_activities", "track_counts", "pg_stat_statements.track"]
          .filter((name) => ["off", "none"].includes(values[name] ?? ""))
          .map((name) => ({ resource, fault: `switches ${name} off` }));
      }),
  ),
];

function parametersOf(stack: readonly Resource[]): Resource[] {
  return stack.filter(({ type }) => type === TYPE.parameters);
}

/** The parameters under all headings of what their change costs. */
function parameterValues({ args }: Resource): Record<string, string> {
  const headings = Object.entries(args).filter(([key]) => /^(appliedBy|pendingUntil)/.test(key));
  return Object.assign({}, ...headings.map(([, values]) => mapping(values))) as Record<string, string>;
}

/** Without these a commit is acknowledged before it is safe (PostgreSQL 15, "Asynchronous Commit", "Write Ahead Log"). */
const SAFE: Record<string, RegExp> = {
  synchronous_commit: /^(on|remote_apply|remote_write)$/,
  fsync: /^on$/,
  full_page_writes: /^on$/,
};

function synchronousFaults(resource: Resource): StackFault[] {
  const { clusterRules } = resource.args;
  const mode = mapping(clusterRules)["synchronous_mode"] ?? "off";
  const isAsynchronous = typeof clusterRules !== "symbol" && (mode === "off" || mode === false);
  const values = parameterValues(resource);
  return [
    ...(isAsynchronous
      ? [{ resource, fault: "acknowledges commits that no replica has (synchronous_mode is off)" }]
      : []),
    ...Object.entries(SAFE)
      .filter(([name, safe]) => typeof values[name] === "string" && !safe.test(values[name]))
      .map(([name]) => ({
        resource,
        fault: `acknowledges commits before they are safe (${name} is ${values[name]})`,
      })),
  ];
}

function openPorts({ args }: Resource, named: readonly string[]): string[] {
  const ports = list(args["ports"]).map(mapping);
  return ports
    .map(({ ip, external }) => ({ ip: ip === undefined ? "" : ip, external: String(external) }))
    .filter((port): port is { ip: string; external: string } => typeof port.ip === "string")
    .filter(({ ip }) => isEveryAddress(ip) || !(isLoopback(ip) || named.includes(ip)))
    .map(({ ip, external }) => {
      const where = isEveryAddress(ip)
        ? "every address of its host"
        : `${ip}, which no host of the configuration names`;
      return `publishes port ${external} on ${where}`;
    });
}

/** What `partitions.retention*` became: months by table, null for all, under `default` for the others. */
function shortRetention(resource: Resource): StackFault[] {
  const setting = mapping(resource.args["settings"])["acgs.partition_retention"];
  if (typeof setting !== "string") return [];
  const short = Object.entries(JSON.parse(setting) as Record<string, number | null>)
    .filter(([, months]) => months !== null && months < 12)
    .map(([table, months]) => `${table === "default" ? "all other tables" : table} for ${months} months`);
  return short.length > 0 ? [{ resource, fault: `keeps ${short.join(", ")}` }] : [];
}

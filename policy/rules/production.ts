import { isEveryAddress, isLoopback } from "../../lib/addresses.ts";
import { lossBy } from "../../components/postgres/parameterDecisions.ts";
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
    'set acgs-db:postgres.synchronous to "quorum"',
    (stack) =>
      parametersOf(stack)
        .filter(isAsynchronous)
        .map((resource) => ({
          resource,
          fault: "acknowledges commits that no replica has (synchronous_mode is off)",
        })),
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
    "safe-parameters",
    "no parameter of the servers trades data, secrets, the audit log or statistics for anything.",
    "take it out of acgs-db:postgres.parameters",
    (stack) => parametersOf(stack).flatMap(dangerousParameters),
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

function isAsynchronous({ args: { clusterRules } }: Resource): boolean {
  const mode = mapping(clusterRules)["synchronous_mode"] ?? "off";
  return typeof clusterRules !== "symbol" && (mode === "off" || mode === false);
}

function dangerousParameters(resource: Resource): StackFault[] {
  return Object.entries(parameterValues(resource)).flatMap(([name, value]) => {
    const loses = typeof value === "string" ? lossBy(name, value) : undefined;
    return loses === undefined ? [] : [{ resource, fault: `sets ${name} to ${value}: ${loses}` }];
  });
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

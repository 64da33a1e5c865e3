import type { ListedContainer } from "../../lib/docker/containers.ts";
import type { VolumeInfo } from "../../lib/docker/volumes.ts";
import { IDENTITY_LABEL, STACK_LABEL, volumesOf } from "../docker/volumeNames.ts";
import { configSet, keyOf } from "./configIssue.ts";
import { fittingPrefix } from "./schemaParts.ts";

/** What a stack is going to have on a host. */
export interface WantedNames {
  prefix: string;
  /** Its parts, such as `postgres-1`. */
  aliases: readonly string[];
  /** Of these the state knows the containers. */
  knownAliases: readonly string[];
  /** Whether the state knows the network. */
  knowsNetwork: boolean;
  /** What the stack's volumes carry; unknown while a new stack is previewed, and then no volume can carry it. */
  identity: string | undefined;
  /** Parts whose volumes may carry nothing, because a version made them that gave them no identity. */
  unmarked: readonly string[];
  /** Volumes that the operator has named in `adoptVolumes`. */
  adopted: readonly string[];
  /** Keys of ports, such as `ports.redis`, by the port. */
  ports: ReadonlyMap<number, string>;
  /** Address on which the host publishes them. */
  bind: string;
}

/** What the engine of a host has. */
export interface SeenHost {
  /** All, whatever their names are. */
  containers: readonly ListedContainer[];
  /** Names. */
  networks: readonly string[];
  volumes: readonly VolumeInfo[];
  /** Who listens on a wanted port and is no container, in words, by port. */
  listeners: ReadonlyMap<number, string>;
}

/** What is taken, each in words, by what has to be changed. */
export interface Taken {
  names: string[];
  /** Names of resources, as `adoptVolumes` takes them. */
  volumes: string[];
  ports: string[];
}

/** What has a name or a port of the stack's own, and is not the stack's. */
export function takenNames(wanted: WantedNames, seen: SeenHost): Taken {
  const strangers = wanted.aliases.filter((alias) => !wanted.knownAliases.includes(alias));
  const names = new Set(seen.containers.map(nameOf));
  const containers = strangers.map((alias) => `${wanted.prefix}-${alias}`).filter((name) => names.has(name));
  const isNetworkTaken = !wanted.knowsNetwork && seen.networks.includes(wanted.prefix);
  const volumes = wanted.aliases.flatMap((alias) => foreignVolumes(alias, wanted, seen.volumes));
  return {
    names: [
      ...containers.map((name) => `container ${name}`),
      ...(isNetworkTaken ? [`network ${wanted.prefix}`] : []),
      ...volumes.map(({ info }) => `volume ${info.Name} (${ownerOf(info)})`),
    ],
    volumes: volumes.map(({ resource }) => resource),
    ports: takenPorts(wanted, seen),
  };
}

function nameOf({ Names }: ListedContainer): string {
  return Names[0]?.slice(1) ?? "";
}

function foreignVolumes(
  alias: string,
  { prefix, identity, unmarked, adopted }: WantedNames,
  seen: readonly VolumeInfo[],
): { resource: string; info: VolumeInfo }[] {
  return volumesOf(alias).flatMap((resource) => {
    const info = seen.find(({ Name }) => Name === `${prefix}-${resource}`);
    if (info === undefined || adopted.includes(resource)) return [];
    const mark = info.Labels?.[IDENTITY_LABEL];
    const isOwn = mark === undefined ? unmarked.includes(alias) : mark === identity;
    return isOwn ? [] : [{ resource, info }];
  });
}

function ownerOf({ Labels }: VolumeInfo): string {
  const identity = Labels?.[IDENTITY_LABEL];
  return identity === undefined
    ? "nobody's mark on it"
    : `marked by stack ${Labels?.[STACK_LABEL]}, identity ${identity}`;
}

function takenPorts({ prefix, aliases, ports, bind }: WantedNames, seen: SeenHost): string[] {
  const own = new Set(aliases.map((alias) => `${prefix}-${alias}`));
  return [...ports].flatMap(([port, key]) => {
    const publishers = seen.containers.filter(({ Ports }) =>
      Ports?.some(({ IP, PublicPort, Type }) => PublicPort === port && Type === "tcp" && meet(IP, bind)),
    );
    const by = publishers.map(nameOf).find((name) => !own.has(name));
    const who = by === undefined ? seen.listeners.get(port) : `container ${by}`;
    // One's own listener is the engine's proxy.
    if (who === undefined || (by === undefined && publishers.length > 0)) return [];
    return [`port ${port} (${keyOf(key.split("."))}): ${who}`];
  });
}

const EVERY_ADDRESS = ["", "0.0.0.0", "::"];

/** Whether one port cannot be bound on both addresses. */
function meet(one = "", other = ""): boolean {
  return one === other || EVERY_ADDRESS.includes(one) || EVERY_ADDRESS.includes(other);
}

/** The errors for what is taken on a host: one for names, one for ports. */
export function takenFailures(
  host: string,
  { prefix }: Pick<WantedNames, "prefix">,
  taken: Taken,
): { property: string; reason: string }[] {
  const list = (lines: readonly string[]) => lines.map((line) => `\n  ${line}`).join("");
  const failures: { property: string; reason: string }[] = [];
  if (taken.names.length > 0) {
    // Where a container has them, they are in use.
    const isLeftOver = taken.names.length === taken.volumes.length;
    const adopt = !isLeftOver
      ? ""
      : `\nor, if these volumes are this stack's own: ${configSet(["adoptVolumes"], taken.volumes)}\n` +
        `(A new state knows none of the passwords in former data: bring back the former state instead, by \`pulumi stack import\`.)`;
    failures.push({
      property: "prefix",
      reason:
        `the host ${host} has what this stack's state does not know, under names that the stack gives its own. It may be ` +
        `another stack's. Nothing was made or written.${list(taken.names)}\n` +
        `Give this stack another prefix: ${configSet(["prefix"], fittingPrefix(`${prefix}-2`))}${adopt}`,
    });
  }
  if (taken.ports.length > 0) {
    failures.push({
      // Without a property: the engine would put all ports before the reason.
      property: "",
      reason:
        `the host ${host} has given away ports that this stack publishes. Nothing was made or written.${list(taken.ports)}\n` +
        `Set the keys to other ports, or stop the programs that use these.`,
    });
  }
  return failures;
}

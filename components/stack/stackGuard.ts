import * as pulumi from "@pulumi/pulumi";
import { aliasOf } from "../docker/placement.ts";
import { PART_KINDS, type PartKind } from "../../lib/parts.ts";
import { ProjectResource } from "../../lib/dynamic.ts";
import type { StackConfiguration } from "./stackConfiguration.ts";
import { dataOf, type DataMark, isAnyProtected } from "./data.ts";
import { publishedPorts, redisNodeCount } from "./ports.ts";
import { StackIdentity } from "./stackIdentity.ts";

/** What a running stack was made with. */
export interface StackGuardInputs {
  /** How members reach and know each other: a running cluster cannot be moved from one way to another. */
  transport: "mutual tls";
  prefix: string;
  /** Whether the rules of production hold: `policy/` reads it here. */
  environment: StackConfiguration["environment"];
  /** Addresses on which the configuration says that ports are published. */
  binds: string[];
  /** Data volumes and the database by name, and how each is guarded. */
  data: Record<string, DataMark>;
  /** Names of the hosts. */
  hosts: string[];
  etcdMembers: number;
  /** The version of the passwords of internal accounts that was begun; `Rotations` has the one that was ended. */
  internalRotation: number;
  /** Memory of one PostgreSQL member in MB. */
  memoryMb: number;
  /** First port and number of ports of each kind. */
  ports: Record<string, { first: number; count: number }>;
  /** Its parts, such as `postgres-1`. */
  aliases: string[];
  /** Volumes that it takes whatever mark they carry. */
  adopted: string[];
}

/** What a stack has beside: from its state. */
export interface GuardedInputs extends StackGuardInputs {
  /** What its volumes carry. */
  identity: string;
  /** Parts that were made before volumes carried anything. */
  unmarked: string[];
}

/**
 * What the rest of a stack stands on. It makes nothing: it remembers what the stack was made with, so that a
 * preview can refuse a change that would lose data or get stuck half-way, and a start on what is another stack's.
 */
export class StackGuard extends ProjectResource {
  /** What the stack's volumes carry. */
  declare readonly identity: pulumi.Output<string>;

  constructor(name: string, configuration: StackConfiguration, opts?: pulumi.CustomResourceOptions) {
    // Without it, protected data would be another stack's.
    const identity = new StackIdentity("stack-identity", { ...opts, protect: isAnyProtected(configuration) });
    super("StackGuard", name, { ...inputsOf(configuration), identity: identity.id }, opts);
  }
}

/** What is remembered of a configuration. */
export function inputsOf(configuration: StackConfiguration): StackGuardInputs & pulumi.Inputs {
  return {
    transport: "mutual tls",
    prefix: configuration.prefix,
    environment: configuration.environment,
    binds: configuration.hosts.map((host) => host.bind),
    data: dataOf(configuration),
    hosts: configuration.hosts.map((host) => host.name),
    etcdMembers: configuration.etcd.members,
    internalRotation: configuration.secrets.internalRotation,
    memoryMb: configuration.postgres.memoryMb,
    ports: Object.fromEntries(
      publishedPorts(configuration).map(({ key, first, last }) => [key, { first, count: last - first + 1 }]),
    ),
    aliases: aliasesOf(configuration),
    adopted: configuration.adoptVolumes,
  };
}

function aliasesOf({ etcd, postgres, haproxy, pgbouncer, redis }: StackConfiguration): string[] {
  const counts: Record<PartKind, number> = {
    etcd: etcd.members,
    postgres: postgres.members,
    haproxy: haproxy.instances,
    pgbouncer: pgbouncer.instances,
    redis: redisNodeCount(redis),
  };
  return PART_KINDS.flatMap((kind) => Array.from({ length: counts[kind] }, (_, i) => aliasOf(kind, i)));
}

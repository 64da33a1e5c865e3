import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ETCD_NAME } from "../etcd/etcdCommand.ts";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { IMAGE_USERS } from "../docker/images.ts";
import { addressOf, type Placement } from "../docker/placement.ts";
import type { RoutedMember } from "../haproxy/haproxyConfiguration.ts";
import { haproxyNames } from "../haproxy/names.ts";
import type { ProxyPathArgs } from "./switchover/proxyPath.ts";
import { PostgresBeforeReplace } from "./beforeReplace.ts";
import type { Credentials } from "../security/credentials.ts";
import {
  MEMBER_FILE,
  patroniMember,
  patroniSecrets,
  POSTGRES_PORT,
  REST_PORT,
  REST_USER,
  SECRETS_FILE,
} from "./patroni.ts";
import type { MemberAddress } from "./patroniClient.ts";
import type { Trusting } from "../../lib/trust.ts";

export interface PostgresClusterArgs {
  members: readonly Placement[];
  image: pulumi.Input<string>;
  /** Name of the cluster in etcd. */
  scope: string;
  /** Memory of one member in MB: the container's limit, and what the parameters are sized by. */
  memoryMb: number;
  /** `host:port` of every etcd member. */
  etcd: readonly string[];
  passwords: Credentials;
  /** Port on the host of the first member; the others follow. */
  port: number;
  /** Port on the host of the first member's Patroni API; the others follow. */
  restPort: number;
  /** What stands between clients and the members. */
  proxies: ProxyPathArgs;
}

export interface PostgresMember extends Trusting<MemberAddress> {
  name: string;
}

/** Where the members' servers run, by name: for what the superuser does over their local sockets. */
export function containersOf(members: readonly PostgresMember[]): Record<string, ContainerAddress> {
  return Object.fromEntries(members.map(({ name, docker, container }) => [name, { docker, container }]));
}

/** A cap on /dev/shm only: what parallel queries take there counts against the container's memory. */
const SHM_MB = 8192;
/** A replica that has to copy the whole database is healthy only after that. */
const HEALTHY_WITHIN_SECONDS = 3600;
/** A fast shutdown writes a checkpoint first. */
const STOP_GRACE_SECONDS = 120;

/** PostgreSQL members under Patroni: one is the primary, the others stream from it. */
export class PostgresCluster extends pulumi.ComponentResource {
  readonly members: PostgresMember[] = [];
  /** Where the routers find the members. */
  readonly routes: RoutedMember[] = [];
  readonly containers: docker.Container[] = [];
  readonly volumes: docker.Volume[] = [];

  constructor(name: string, args: PostgresClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("acgs:postgres:PostgresCluster", name, {}, opts);
    const secrets = pulumi.secret(args.passwords.password(REST_USER).apply(patroniSecrets));

    for (const [i, member] of args.members.entries()) {
      const { alias, host } = member;
      const port = args.port + i;
      const restPort = args.restPort + i;
      const { certificate: authority } = host.authority;
      const rest = `https://${host.address}:${restPort}`;
      const address = {
        ...host.containerAddress(alias),
        ...{ host: host.address, port, rest, authority },
      };
      const volume = host.dataVolume(alias, { parent: this });
      const made = {
        image: args.image,
        files: { [MEMBER_FILE]: patroniMember({ scope: args.scope, name: alias, etcd: args.etcd }) },
        publish: { [port]: POSTGRES_PORT, [restPort]: REST_PORT },
      };
      // One after the other: the next is touched when this one is primary or streams again.
      const handover = new PostgresBeforeReplace(
        `${alias}-handover`,
        {
          member: alias,
          address,
          container: made,
          proxies: args.proxies,
          restUser: REST_USER,
          restPasswords: args.passwords.valid(REST_USER),
        },
        { parent: this, dependsOn: this.containers.slice(-1) },
      );
      const container = host.container(
        alias,
        {
          ...made,
          reloadableFiles: { [SECRETS_FILE]: secrets },
          user: IMAGE_USERS.postgres,
          // PgBouncer connects to a router and asks for the certificate of that name; Patroni shows its name to etcd.
          names: [...haproxyNames(), ETCD_NAME.client],
          reload: { signal: "HUP" },
          scratchMb: { "/run/postgresql": 16 },
          volumes: { "/var/lib/postgresql/data": volume },
          cpuShares: 2048,
          memoryMb: args.memoryMb,
          shmMb: SHM_MB,
          stopGraceSeconds: STOP_GRACE_SECONDS,
          waitHealthy: true,
          healthyWithinSeconds: HEALTHY_WITHIN_SECONDS,
        },
        { parent: this, dependsOn: handover },
      );
      this.containers.push(container);
      this.volumes.push(volume);
      this.members.push({ name: alias, ...address });
      this.routes.push({ name: alias, host: addressOf(member), port: POSTGRES_PORT, checkPort: REST_PORT });
    }
    this.registerOutputs({});
  }
}

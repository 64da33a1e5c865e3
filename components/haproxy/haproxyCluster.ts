import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { PROXY_CPU_SHARES } from "../docker/container.ts";
import { IMAGE_USERS } from "../docker/images.ts";
import { addressOf, type Placement } from "../docker/placement.ts";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import {
  CONFIGURATION_FILE,
  haproxyConfiguration,
  READER_PORT,
  WRITER_PORT,
} from "./haproxyConfiguration.ts";

export interface HaproxyClusterArgs {
  instances: readonly Placement[];
  image: pulumi.Input<string>;
  /** Port on the host under which the first router reaches the primary. */
  writerPort: number;
}

/**
 * HAProxy in front of PostgreSQL: one address for the primary and one for the replicas. The members are a resource of
 * their own, {@link HaproxyServers}.
 */
export class HaproxyCluster extends pulumi.ComponentResource {
  /** Addresses inside the network. */
  readonly addresses: string[];
  readonly containers: docker.Container[] = [];
  /** Each HAProxy by its alias. */
  readonly instances: Record<string, ContainerAddress> = {};

  constructor(name: string, args: HaproxyClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("acgs:haproxy:HaproxyCluster", name, {}, opts);
    this.addresses = args.instances.map(addressOf);
    const configuration = haproxyConfiguration();

    for (const [i, { alias, host }] of args.instances.entries()) {
      const volume = host.volume(alias, { parent: this });
      const container = host.container(
        alias,
        {
          image: args.image,
          user: IMAGE_USERS.haproxy,
          files: { [CONFIGURATION_FILE]: configuration },
          reload: { signal: "USR2" },
          volumes: { "/var/lib/haproxy": volume },
          publish: i === 0 ? { [args.writerPort]: WRITER_PORT } : {},
          cpuShares: PROXY_CPU_SHARES,
          memoryMb: 256,
          stopGraceSeconds: 10,
          waitHealthy: true,
        },
        { parent: this, dependsOn: this.containers.slice(-1) },
      );
      this.containers.push(container);
      this.instances[alias] = host.containerAddress(alias);
    }
    this.registerOutputs({});
  }

  /** Where the primary is reached from inside the network. */
  get writer(): { hosts: string[]; port: number } {
    return { hosts: this.addresses, port: WRITER_PORT };
  }

  /** Where the replicas are reached from inside the network. */
  get reader(): { hosts: string[]; port: number } {
    return { hosts: this.addresses, port: READER_PORT };
  }
}

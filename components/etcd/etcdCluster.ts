import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { IMAGE_USERS } from "../docker/images.ts";
import { addressOf, type Placement } from "../docker/placement.ts";
import { CLIENT_PORT, ETCD_NAME, etcdCommand } from "./etcdCommand.ts";

/** Where the members of etcd run, and as which cluster. */
export interface EtcdClusterArgs {
  image: pulumi.Input<string>;
  /** 1, 3 or 5. */
  members: readonly Placement[];
  /** Name of the cluster: keeps members of different stacks apart. */
  token: string;
}

/** The etcd cluster in which Patroni keeps the leader lock and its dynamic configuration. */
export class EtcdCluster extends pulumi.ComponentResource {
  /** `host:port` of every member, for Patroni. */
  readonly endpoints: string[];
  readonly containers: docker.Container[] = [];

  constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("acgs:etcd:EtcdCluster", name, {}, opts);
    const addresses = args.members.map(addressOf);
    this.endpoints = addresses.map((address) => `${address}:${CLIENT_PORT}`);

    for (const { alias, host } of args.members) {
      const volume = host.dataVolume(alias, { parent: this });
      const container = host.container(
        alias,
        {
          image: args.image,
          user: IMAGE_USERS.etcd,
          command: etcdCommand(alias, addresses, args.token),
          names: [ETCD_NAME.peer],
          volumes: { "/var/lib/etcd": volume },
          reload: "none",
          // Little work, but a member that waits for a processor loses its leader.
          cpuShares: 4096,
          memoryMb: 512,
          stopGraceSeconds: 10,
          waitHealthy: true,
        },
        // One after the other: a quorum stays while members are replaced.
        { parent: this, dependsOn: this.containers.slice(-1) },
      );
      this.containers.push(container);
    }
    this.registerOutputs({});
  }
}

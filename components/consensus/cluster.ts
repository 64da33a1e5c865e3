import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "../host/host.ts";
import { CLIENT_PORT, etcdCommand } from "./etcd.ts";

export interface EtcdClusterArgs {
  host: Host;
  image: pulumi.Input<string>;
  /** 1, 3 or 5. */
  members: number;
}

/** The etcd cluster in which Patroni keeps the leader lock and its dynamic configuration. */
export class EtcdCluster extends pulumi.ComponentResource {
  /** `host:port` of every member, for Patroni. */
  readonly endpoints: string[];
  readonly containers: docker.Container[] = [];

  constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("acgs:consensus:EtcdCluster", name, {}, opts);
    const members = Array.from({ length: args.members }, (_, i) => `${name}-${i + 1}`);
    this.endpoints = members.map((member) => `${member}:${CLIENT_PORT}`);

    for (const member of members) {
      const volume = args.host.volume(member, { parent: this });
      const container = args.host.container(
        member,
        {
          image: args.image,
          command: etcdCommand(member, members, args.host.prefix),
          volumes: { "/var/lib/etcd": volume },
          memoryMb: 512,
          stopGraceSeconds: 10,
          // Healthy means alive here: the first members of a new cluster wait for the others.
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

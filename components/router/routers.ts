import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "../host/host.ts";
import { haproxyConfiguration, READER_PORT, WRITER_PORT, type RoutedMember } from "./haproxy.ts";

export interface RoutersArgs {
  host: Host;
  image: pulumi.Input<string>;
  instances: number;
  members: readonly RoutedMember[];
  /** Port on the host under which the first router reaches the primary. */
  writerPort: number;
}

/** HAProxy in front of PostgreSQL: one address for the primary and one for the replicas. */
export class Routers extends pulumi.ComponentResource {
  /** Addresses inside the network. */
  readonly aliases: string[];
  readonly containers: docker.Container[] = [];

  constructor(name: string, args: RoutersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("acgs:router:Routers", name, {}, opts);
    this.aliases = Array.from({ length: args.instances }, (_, i) => `${name}-${i + 1}`);
    const configuration = haproxyConfiguration(args.members);

    for (const [i, alias] of this.aliases.entries()) {
      const container = args.host.container(
        alias,
        {
          image: args.image,
          files: { "/etc/haproxy/haproxy.cfg": configuration },
          publish: i === 0 ? { [args.writerPort]: WRITER_PORT } : {},
          memoryMb: 256,
          stopGraceSeconds: 10,
          waitHealthy: true,
        },
        { parent: this, dependsOn: this.containers.slice(-1) },
      );
      this.containers.push(container);
    }
    this.registerOutputs({});
  }

  /** Where the primary is reached from inside the network. */
  get writer(): { hosts: string[]; port: number } {
    return { hosts: this.aliases, port: WRITER_PORT };
  }

  /** Where the replicas are reached from inside the network. */
  get reader(): { hosts: string[]; port: number } {
    return { hosts: this.aliases, port: READER_PORT };
  }
}

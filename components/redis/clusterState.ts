import * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../../lib/dynamic.ts";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import type { CertificatePolicy } from "../docker/containerFiles.ts";
import type { LiveSettings } from "./liveSettings.ts";
import { IN_ORDER } from "./topology.ts";
import type { AdminAccess } from "./nodes.ts";

export interface RedisClusterStateArgs {
  /** `host:port` of each node by its name, as clients reach it. */
  nodes: Record<string, string>;
  /** How many nodes share the slots. Changing it moves slots with their keys while the cluster serves them. */
  masters: number;
  /** The other nodes follow the masters evenly. */
  replicasPerMaster: number;
  /** When the nodes' certificates were made: the nodes read new ones when told. */
  certificates: Omit<CertificatePolicy, "names">;
  /** Lines of Redis' ACL file, set on every running node: sessions of a user that changed stay. Secret. */
  users: pulumi.Input<string>;
  /** Set on every running node; a change restarts nothing. */
  settings: LiveSettings;
  admin: pulumi.Input<AdminAccess>;
  /** A container of a node that stays, in which `redis-cli --cluster` runs. */
  shell: ContainerAddress;
}

/**
 * The nodes as one cluster: slots, replicas and the settings in force. Formed once, completed by every update
 * that finds something missing; a refresh reads the settings and the condition back.
 *
 * Nodes that are not named any more give up their slots first and are forgotten; the engine deletes their containers
 * after that, at the end of the update. The preview shows what moves as `moves`, by what the nodes say they are.
 */
export class RedisClusterState extends ProjectResource {
  /** Version of the running server, such as 7.0.15. */
  declare readonly version: pulumi.Output<string>;

  constructor(name: string, args: RedisClusterStateArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "RedisClusterState",
      name,
      {
        ...args,
        admin: pulumi.secret(args.admin),
        users: pulumi.secret(args.users),
        condition: IN_ORDER,
        version: undefined,
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["admin", "users"] }),
    );
  }
}

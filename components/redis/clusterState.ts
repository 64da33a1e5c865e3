import * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../dynamic.ts";
import type { LiveSettings } from "./liveSettings.ts";

export interface RedisClusterStateArgs {
  /** `host:port` of each node by its name, as clients reach it; the first `masters` of them begin as masters. */
  nodes: Record<string, string>;
  /** Cannot be changed once the cluster exists. */
  masters: number;
  /** Can be raised, not lowered. */
  replicasPerMaster: number;
  /** Set on every running node; a change restarts nothing. */
  settings: LiveSettings;
  adminPassword: pulumi.Input<string>;
}

/**
 * The nodes as one cluster: slots, replicas and the settings in force. Formed once, completed by every update
 * that finds something missing; a refresh reads the settings back.
 */
export class RedisClusterState extends ProjectResource {
  /** Version of the running server, such as 7.0.15. */
  declare readonly version: pulumi.Output<string>;

  constructor(name: string, args: RedisClusterStateArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "RedisClusterState",
      "components/redis/clusterProvider.ts",
      name,
      { ...args, adminPassword: pulumi.secret(args.adminPassword), version: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["adminPassword"] }),
    );
  }
}

import * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../../lib/dynamic.ts";
import { CONTAINER_SETTINGS } from "../docker/container.ts";
import { fileHashes } from "../docker/fileHashes.ts";
import type { AdminAccess } from "./nodes.ts";

export interface RedisBeforeReplaceArgs {
  /** Name of the node, such as redis-1. */
  node: string;
  /** `host:port` as clients reach it. */
  address: string;
  admin: pulumi.Input<AdminAccess>;
  /** What replaces the node's container when it changes; of files their hashes. */
  container: {
    image: pulumi.Input<string>;
    ports: Record<number, number>;
    files: Record<string, pulumi.Input<string>>;
  };
}

/**
 * What happens before a node's container is replaced: when the node is a master, a replica takes its place without a
 * lost write. Its inputs are what replaces the container, and the container depends on it: so a preview shows the
 * handover beside the replacement, and the engine does it first. A new container needs none.
 */
export class RedisBeforeReplace extends ProjectResource {
  constructor(name: string, args: RedisBeforeReplaceArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "RedisBeforeReplace",
      name,
      {
        ...args,
        container: {
          ...args.container,
          files: fileHashes(args.container.files),
          settings: CONTAINER_SETTINGS,
        },
        admin: pulumi.secret(args.admin),
        outcome: undefined,
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["admin"] }),
    );
  }
}

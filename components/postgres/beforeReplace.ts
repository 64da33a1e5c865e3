import * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../../lib/dynamic.ts";
import { CONTAINER_SETTINGS } from "../docker/container.ts";
import { fileHashes } from "../docker/fileHashes.ts";
import type { MemberAddress } from "./patroniClient.ts";
import type { Trusting } from "../../lib/trust.ts";
import { type ProxyPathArgs, proxyPathInput } from "./switchover/proxyPath.ts";

export interface PostgresBeforeReplaceArgs {
  member: string;
  address: Trusting<MemberAddress>;
  /** What the member's container is made of: when any of it changes, the engine replaces the container. */
  container: {
    image: pulumi.Input<string>;
    files: Record<string, pulumi.Input<string>>;
    /** Ports inside the container by the port on the host. */
    publish: Record<number, number>;
  };
  proxies: ProxyPathArgs;
  restUser: string;
  /** All that may be valid, the one to use first. */
  restPasswords: pulumi.Input<string[]>;
}

/**
 * Comes before a member's container: when that is about to be replaced, another member becomes the primary, and reads go
 * elsewhere, so that no transaction through PgBouncer fails. Shows in the preview, with what is replaced, just before
 * the container does. Anything else that changes is only noted.
 */
export class PostgresBeforeReplace extends ProjectResource {
  constructor(name: string, args: PostgresBeforeReplaceArgs, opts?: pulumi.CustomResourceOptions) {
    const { image, files, publish } = args.container;
    super(
      "PostgresBeforeReplace",
      name,
      {
        ...args,
        container: {
          image,
          files: fileHashes(files),
          publish: Object.entries(publish).map(([outside, inside]) => `${outside}:${inside}`),
          settings: CONTAINER_SETTINGS,
        },
        proxies: proxyPathInput(args.proxies),
        restPasswords: pulumi.secret(args.restPasswords),
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["restPasswords"] }),
    );
  }
}

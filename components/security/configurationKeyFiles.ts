import * as pulumi from "@pulumi/pulumi";
import type { ClusterConnection } from "../../lib/postgres/session.ts";
import { ProjectResource } from "../../lib/dynamic.ts";
import type { KeysByVersion } from "./configurationKeys.ts";

export interface ConfigurationKeyFilesArgs {
  /** All keys; a container is never replaced for them. */
  keys: pulumi.Input<KeysByVersion>;
  /** The version that new values are encrypted with. */
  version: number;
  /** All members get the keys, since replicas decrypt too; the primary encrypts anew what another key was used for. */
  connection: ClusterConnection;
}

/**
 * The keys of sensitive settings as a file on every PostgreSQL member, in the data volume beside the data directory: there
 * it outlives containers, and is in no base backup.
 *
 * An update writes all keys to every member, has the primary encrypt all values with the newest, and then takes the others
 * out of the files. So every value can be read at each moment, on each member; and an update that broke off is finished by
 * the next one. Deleting the resource changes nothing.
 */
export class ConfigurationKeyFiles extends ProjectResource {
  constructor(name: string, args: ConfigurationKeyFilesArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "ConfigurationKeyFiles",
      name,
      { ...args, keys: pulumi.secret(args.keys) },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["keys"] }),
    );
  }
}

import * as pulumi from "@pulumi/pulumi";
import type { SqlConnection } from "../deploy/session.ts";
import type { ContainerAddress } from "../docker.ts";
import { ProjectResource } from "../dynamic.ts";
import type { Placement } from "../host/placement.ts";
import type { KeysByVersion } from "./configurationKeys.ts";

export interface ConfigurationKeyFilesArgs {
  /** The PostgreSQL members: each may become the primary, and replicas decrypt too. */
  members: readonly Placement[];
  /** All keys; a container is never replaced for them. */
  keys: pulumi.Input<KeysByVersion>;
  /** The version that new values are encrypted with. */
  version: number;
  /** The primary, and the superuser: it encrypts anew what another key was used for. */
  connection: pulumi.Input<SqlConnection>;
  password: pulumi.Input<string>;
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
    const members = Object.fromEntries(
      args.members.map(({ alias, host }): [string, ContainerAddress] => [
        alias,
        { docker: host.docker, container: host.containerName(alias) },
      ]),
    );
    super(
      "ConfigurationKeyFiles",
      "components/security/configurationKeyFilesProvider.ts",
      name,
      { ...args, members, keys: pulumi.secret(args.keys), password: pulumi.secret(args.password) },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["keys", "password"] }),
    );
  }
}

import * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../../lib/dynamic.ts";

/** Keys by version; each is 64 hexadecimal digits, 256 bits. */
export type KeysByVersion = Record<string, string>;

/**
 * The keys that sensitive settings are encrypted with: one for each version that there has ever been, generated once and
 * kept encrypted in the state. Former ones stay, for backups from before a rotation.
 *
 * A resource of its own, apart from what writes them to the members: a key is safe in the state before anything is
 * encrypted with it, also where the update breaks off.
 */
export class ConfigurationKeys extends ProjectResource {
  declare readonly keys: pulumi.Output<KeysByVersion>;

  /** @param args.version  the one in use (stack configuration `acgs-db:secrets.configurationKey`); it never goes back */
  constructor(name: string, args: { version: number }, opts?: pulumi.CustomResourceOptions) {
    super(
      "ConfigurationKeys",
      name,
      { version: args.version, keys: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["keys"] }),
    );
  }
}

import * as pulumi from "@pulumi/pulumi";
import { CLIENT_ACCOUNTS } from "../../../lib/names.ts";
import { ProjectResource } from "../../../lib/dynamic.ts";
import { type Rotation, versionOf } from "./versions.ts";

export interface RotationsArgs {
  /** Which versions of clients' passwords are valid. */
  rotation: Rotation;
  /** The version of the internal accounts', from 1. */
  internalRotation: number;
}

/**
 * The versions of passwords that an update has brought to their end: it depends on all that takes them. A part that a failed
 * update did not come to has the version before still, so no next one is begun before the update has run again.
 */
export class Rotations extends ProjectResource {
  constructor(name: string, args: RotationsArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "Rotations",
      name,
      {
        clients: Object.fromEntries(CLIENT_ACCOUNTS.map((one) => [one, versionOf(one, args.rotation)])),
        internal: args.internalRotation,
      },
      opts,
    );
  }
}

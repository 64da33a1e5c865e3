import * as pulumi from "@pulumi/pulumi";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { ProjectResource } from "../../lib/dynamic.ts";
import { DEPLOYER } from "../../lib/names.ts";

export interface DeployerArgs {
  /** The PostgreSQL members, by name: one of them is the primary. */
  members: Readonly<Record<string, ContainerAddress>>;
  /** SCRAM-SHA-256 verifier of the login's password. */
  verifier: pulumi.Input<string>;
}

/**
 * The login that makes roles, database, schemas and grants over the network. The superuser logs in over the local
 * socket only, and makes this resource there. Deleting it changes nothing.
 */
export class Deployer extends ProjectResource {
  constructor(name: string, args: DeployerArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "Deployer",
      name,
      { login: DEPLOYER, members: args.members, verifier: pulumi.secret(args.verifier) },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["verifier"] }),
    );
  }
}

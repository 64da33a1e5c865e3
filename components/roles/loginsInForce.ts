import * as pulumi from "@pulumi/pulumi";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { ProjectResource } from "../../lib/dynamic.ts";
import type { Credentials } from "../security/credentials.ts";
import { LOGINS } from "./roles.ts";

export interface LoginsInForceArgs {
  /** The PostgreSQL members, by name. */
  members: Readonly<Record<string, ContainerAddress>>;
  passwords: Credentials;
}

/**
 * The logins as PgBouncer finds them: it looks them up on a replica, which may be behind. Done when every member that takes
 * connections knows the password of each, so that every login in the outputs works.
 */
export class LoginsInForce extends ProjectResource {
  constructor(name: string, args: LoginsInForceArgs, opts?: pulumi.CustomResourceOptions) {
    const verifiers = Object.fromEntries(
      LOGINS.flatMap((login) => {
        const verifier = args.passwords.verifier(login);
        return verifier ? [[login, verifier]] : [];
      }),
    );
    super(
      "LoginsInForce",
      name,
      { members: args.members, verifiers: pulumi.secret(verifiers) },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["verifiers"] }),
    );
  }
}

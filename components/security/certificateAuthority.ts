import * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../../lib/dynamic.ts";
import type { KeyPair } from "./x509.ts";

export interface AuthorityArgs {
  /** Common name of an authority that is made for the stack. */
  name: string;
  /** The operator's own instead (stack configuration `acgs-db:certificateAuthority`). */
  own?: pulumi.Input<KeyPair>;
}

/** What signs a stack's certificates, as resources take it. */
export interface AuthorityInputs {
  certificate: pulumi.Input<string>;
  key: pulumi.Input<string>;
}

/**
 * The certificate authority of the stack: made once and kept in the state, its key encrypted, or the operator's own.
 * Clients need only its certificate, which is among the outputs.
 */
export class CertificateAuthority extends ProjectResource implements AuthorityInputs {
  /** PEM. */
  declare readonly certificate: pulumi.Output<string>;
  /** PEM. Secret. */
  declare readonly key: pulumi.Output<string>;
  /** When it ends, as `2036-11-18T21:00:00.000Z`. */
  declare readonly endsAt: pulumi.Output<string>;

  constructor(name: string, args: AuthorityArgs, opts?: pulumi.CustomResourceOptions) {
    const own = args.own === undefined ? {} : { own: pulumi.secret(args.own) };
    super(
      "CertificateAuthority",
      name,
      {
        authorityName: args.name,
        origin: args.own === undefined ? "made for the stack" : "from configuration",
        ...own,
        ...{ certificate: undefined, key: undefined, endsAt: undefined },
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["own", "key"] }),
    );
  }
}

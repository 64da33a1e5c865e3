import type * as pulumi from "@pulumi/pulumi";
import { authorityFault, createAuthority, endOf, type KeyPair } from "./x509.ts";

interface Inputs {
  authorityName: string;
  origin: "made for the stack" | "from configuration";
  own?: KeyPair;
}

interface Outputs extends Inputs, KeyPair {
  endsAt: string;
}

/** Ten years: to exchange it is for every client to be given the new one. */
const VALID_DAYS = 3650;

async function authorityOf(inputs: Inputs, known?: KeyPair): Promise<Outputs> {
  const pair = inputs.own ?? known ?? (await createAuthority(inputs.authorityName, VALID_DAYS));
  const { certificate, key } = pair;
  return { ...inputs, certificate, key, endsAt: endOf(certificate) };
}

async function failures({ own }: Inputs): Promise<pulumi.dynamic.CheckFailure[]> {
  // In a preview a part of it may not be known yet: then the text is the engine's own and no PEM.
  if (own === undefined) return [];
  const fault = await authorityFault(own, Date.now());
  if (fault === undefined) return [];
  const reason =
    `acgs-db:certificateAuthority cannot sign the stack's certificates: ${fault}. Set both parts, as ` +
    "`pulumi config set --secret --path 'acgs-db:certificateAuthority.certificate' < authority.pem` and the same " +
    "for `key`, or take it out to have an authority made.";
  return [{ property: "own", reason }];
}

/** Keeps what was made: without `own`, an update gives the same authority again, however its name changes. */
export const provider: pulumi.dynamic.ResourceProvider<Inputs, Outputs> = {
  async check(_olds, news: Inputs) {
    return { inputs: news, failures: await failures(news) };
  },
  async create(inputs) {
    return { id: "authority", outs: await authorityOf(inputs) };
  },
  async update(_id, olds, news) {
    const made = olds.origin === "made for the stack" ? olds : undefined;
    return { outs: await authorityOf(news, made) };
  },
};

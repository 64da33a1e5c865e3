import type * as pulumi from "@pulumi/pulumi";
import { getCACertificates, type SecureContextOptions, setDefaultCACertificates } from "node:tls";

/** Something that is reached over TLS: its certificate must be signed by this authority (PEM). */
export interface Trusted {
  authority: string;
}

/** The same before the authority is known, for resources that hand it to their providers. */
export type Trusting<T extends Trusted> = Omit<T, "authority"> & { authority: pulumi.Input<string> };

/** TLS that checks the server's certificate and that it names the host. */
export interface VerifiedTls extends SecureContextOptions {
  ca: string;
  /** Checked against the certificate; a name also tells the server which one is meant. */
  host: string;
  minVersion: "TLSv1.2";
  /** Said, because the environment may hold another default. */
  rejectUnauthorized: true;
}

/** How clients of Node's `tls` check a server: `pg` takes it as `ssl`, ioredis as `tls`. */
export function verifiedTls(host: string, { authority }: Trusted): VerifiedTls {
  return { ca: authority, host, minVersion: "TLSv1.2", rejectUnauthorized: true };
}

/**
 * From now on this process trusts servers of the stack beside those that everybody trusts: URLs among a stack's outputs
 * then work as they stand. For commands and tests, which speak to one stack.
 */
export function trustStack({ tls }: { tls: Trusted }): void {
  const known = getCACertificates("default");
  if (!known.includes(tls.authority)) setDefaultCACertificates([...known, tls.authority]);
}

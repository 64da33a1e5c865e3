import { TLS_FILE } from "../components/docker/containerFiles.ts";
import { createAuthority, issueCertificate } from "../components/security/x509.ts";

/** One authority for all that a test file starts. */
const authority = await createAuthority("acgs-test", 1);

/** PEM. */
export const testAuthority = authority.certificate;

/** What a container finds under `/run/acgs/tls`, for these names and for itself. */
export async function tlsFiles(...names: string[]): Promise<Record<string, string>> {
  const { certificate, key } = await issueCertificate(authority, [...names, "localhost", "127.0.0.1"], 1);
  return {
    [TLS_FILE.certificate]: certificate,
    [TLS_FILE.key]: key,
    [TLS_FILE.authority]: authority.certificate,
  };
}

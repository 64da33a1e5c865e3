import type { CertificatePolicy } from "../docker/containerFiles.ts";

const DAY_MS = 86_400_000;

/**
 * The day from which on the certificates of the stack must be no older: the last multiple of a third of their validity,
 * counted from 1970. As an input of a resource it changes when that day comes: the next update renews, the preview
 * shows why, and a certificate has at least a third of its time left until then.
 *
 * @param validDays  days that a certificate is valid
 * @param now        ms since 1970
 * @returns          such as `2026-09-14`
 */
export function renewalWindow(validDays: number, now: number): string {
  const every = Math.max(1, Math.floor(validDays / 3)) * DAY_MS;
  return new Date(Math.floor(now / every) * every).toISOString().slice(0, 10);
}

/** What a stack's configuration (`acgs-db:tls`) asks of its certificates. @param now  ms since 1970 */
export function certificatePolicy(
  { names, validDays, renewal }: { names: readonly string[]; validDays: number; renewal: number },
  now = Date.now(),
): Omit<CertificatePolicy, "names"> & { clientNames: readonly string[] } {
  return { validDays, renewal, renewedSince: renewalWindow(validDays, now), clientNames: names };
}

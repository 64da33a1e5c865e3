// The library's dependency injection asks for this polyfill before anything else.
import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";

/** A certificate and its private key, both PEM; the key in PKCS #8. */
export interface KeyPair {
  certificate: string;
  key: string;
}

/** P-256: every program of the stack takes it, and a handshake costs a small part of what RSA's does. */
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;
/** Clocks of hosts and clients may differ a little. In ms. */
const BACKDATED = 3_600_000;

/**
 * A certificate authority that signs itself and may sign servers only.
 *
 * @param name       its common name
 * @param validDays  days from now
 */
export async function createAuthority(name: string, validDays: number): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [name] }],
    ...validity(validDays),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      // No authority below this one.
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

/**
 * A certificate for a server that is also a client of its peers (etcd's members and Redis' bus show it to each other).
 *
 * @param names      DNS names and addresses under which it is reached; the first is its common name
 * @param validDays  days from now, not beyond the authority's own
 */
export async function issueCertificate(
  authority: KeyPair,
  names: readonly string[],
  validDays: number,
): Promise<KeyPair> {
  const issuer = new X509Certificate(authority.certificate);
  const keys = await generateKeys();
  const { notBefore, notAfter } = validity(validDays);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [names[0]!] }],
    issuer: issuer.subject,
    notBefore,
    notAfter: notAfter < issuer.notAfter ? notAfter : issuer.notAfter,
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key, issuer),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension(names.map(alternativeName)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

/**
 * Why a certificate and a key cannot be a stack's authority, in words; undefined where they can.
 *
 * @param now  ms since 1970
 */
export async function authorityFault(
  { certificate, key }: KeyPair,
  now: number,
): Promise<string | undefined> {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch {
    return "the certificate is no PEM certificate";
  }
  // It is handed out to clients as it is: a key beside it in the same text would be, too.
  if (!/^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/.test(certificate)) {
    return "the certificate's text holds more than a single certificate, such as its key or a chain";
  }
  if (parsed.getExtension(BasicConstraintsExtension)?.ca !== true) {
    return "the certificate is not an authority's (basicConstraints lacks CA:TRUE)";
  }
  const usage = parsed.getExtension(KeyUsagesExtension)?.usages;
  if (usage !== undefined && (usage & KeyUsageFlags.keyCertSign) === 0) {
    return "the certificate's key may not sign certificates (keyUsage lacks keyCertSign)";
  }
  if (parsed.notAfter.getTime() <= now) return `the certificate ended on ${day(parsed.notAfter)}`;
  try {
    const signingKey = await importKey(key, parsed);
    const text = new Uint8Array(randomBytes(32));
    const algorithm = signatureAlgorithm(parsed);
    const signature = await webcrypto.subtle.sign(algorithm, signingKey, text);
    const der = Buffer.from(parsed.publicKey.rawData);
    const publicKey = await webcrypto.subtle.importKey("spki", der, algorithm, false, ["verify"]);
    const fits = await webcrypto.subtle.verify(algorithm, publicKey, signature, text);
    return fits ? undefined : "the key is not the certificate's";
  } catch {
    return "the key is no unencrypted PKCS #8 key in PEM of the certificate's kind (ECDSA P-256 or P-384, or RSA)";
  }
}

/** The library takes of IPv6 the pure form alone: of `::ffff:10.0.0.1` it would make another address. */
function alternativeName(name: string): { type: "dns" | "ip"; value: string } {
  switch (isIP(name)) {
    case 0:
      return { type: "dns", value: name };
    case 4:
      return { type: "ip", value: name };
    default:
      return { type: "ip", value: new URL(`http://[${name}]`).hostname.slice(1, -1) };
  }
}

/** When a certificate ends, as `2027-11-21T21:00:00.000Z`. */
export function endOf(certificate: string): string {
  return new X509Certificate(certificate).notAfter.toISOString();
}

function generateKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/** An authority of the operator's may have another kind of key than those made here. */
function signatureAlgorithm(certificate: X509Certificate) {
  const algorithm = certificate.publicKey.algorithm as { name: string; namedCurve?: string };
  return algorithm.name === "ECDSA"
    ? { name: "ECDSA", namedCurve: algorithm.namedCurve!, hash: "SHA-256" }
    : { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
}

function importKey(key: string, certificate: X509Certificate) {
  const [der] = PemConverter.decode(key);
  if (der === undefined) throw new Error("no PEM block");
  return webcrypto.subtle.importKey("pkcs8", der, signatureAlgorithm(certificate), false, ["sign"]);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

/** Positive and unguessable: 16 bytes, as RFC 5280 allows up to 20. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0]! &= 0x7f;
  bytes[0]! |= 0x40;
  return bytes.toString("hex");
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - BACKDATED), notAfter: new Date(now + days * DAY_MS) };
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

import { createHmac } from "node:crypto";
import { scramVerifier } from "./scram.ts";

/** Letters and digits of a password, at 5.95 bits each: 190 bits, as of those that are drawn. */
const LENGTH = 32;
const SALT_BYTES = 16;

/**
 * A later version of an internal account's password, made from the stack's seed: a preview knows it before it is in force,
 * and so shows what a rotation changes and what it does not. Who learns one password learns neither the seed nor another.
 *
 * @param seed     secret, made once for the stack and never handed out
 * @param version  2 or more
 * @returns        letters and digits
 */
export function derivedPassword(seed: string, account: string, version: number): string {
  // More than are needed: base64 has two signs that are left out.
  const bytes = createHmac("sha512", seed).update(`password ${account} ${version}`).digest("base64");
  return bytes.replaceAll(/[^A-Za-z0-9]/g, "").slice(0, LENGTH);
}

/** Its SCRAM-SHA-256 verifier, the same each time: with a salt that is drawn, each preview would show another. */
export function derivedVerifier(seed: string, account: string, version: number): string {
  const salt = createHmac("sha256", seed).update(`salt ${account} ${version}`).digest();
  return scramVerifier(derivedPassword(seed, account, version), salt.subarray(0, SALT_BYTES));
}

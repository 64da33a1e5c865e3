import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** PostgreSQL's default (`scram_iterations`); PgBouncer 1.24 and libpq take what the verifier says. */
const ITERATIONS = 4096;
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/**
 * The SCRAM-SHA-256 verifier of a password, in the form in which PostgreSQL stores it:
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (RFC 5802 and 7677).
 *
 * A server, its log or `pg_stat_statements` could keep the statement that creates a role: it holds the verifier, never
 * the password itself.
 *
 * @throws RangeError for characters outside printable ASCII, for which SASLprep would have to be applied
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(SALT_BYTES)): string {
  if (!/^[\x20-\x7e]+$/.test(password)) {
    throw new RangeError("A password may hold printable ASCII characters only.");
  }
  const salted = pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest("base64");
  const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}

/**
 * Whether PostgreSQL and PgBouncer take a password for one that is hashed already: nobody could log in with the text
 * itself.
 */
export function readsAsVerifier(password: string): boolean {
  return /^(md5[0-9a-f]{32}$|SCRAM-SHA-256\$)/.test(password);
}

/** Whether `verifier` was made from `password`. */
export function verifierMatches(verifier: string, password: string): boolean {
  const salt = /^SCRAM-SHA-256\$\d+:([^$]+)\$/.exec(verifier)?.[1];
  return salt !== undefined && scramVerifier(password, Buffer.from(salt, "base64")) === verifier;
}

/** Names whose value is a secret whatever it looks like: the last word of the name ends so. */
const SECRET_NAME = /(password|passwd|pwd|passphrase|pass|secret|secrets)$/i;
/** Names whose value is a secret if it is long and random. */
const KEY_NAME = /^(token|key|apikey|credential|credentials|cookie|auth)$/i;
/** What only says where the secret lies, or how it is treated. */
const REFERENCE = /^(\/|\.{0,2}\/|file:)|^$/;

/** Values that are, or hold, a secret under any name. */
const SHAPES: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: "a URL with a password", pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:[^\s/@]+@/i },
  { what: "a private key", pattern: /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/ },
  { what: "a password's verifier", pattern: /\bSCRAM-SHA-256\$\d+:/ },
  { what: "a connection string with a password", pattern: /\bpassword\s*=\s*[^\s;,]+/i },
];

/** A run of so many letters and digits is no word. */
const RUN = /[A-Za-z0-9+=]{16,}/g;
/** Bits for each character: hexadecimal digits at random have up to 4, words below 3.2. */
const LEAST_ENTROPY = 3;

/**
 * What makes a named value look like a secret, in words that do not hold it; nothing for one that does not.
 *
 * A name says it by its last word (`PGPASSWORD`, `--auth-token`), a value by its shape.
 */
export function secretIn(name: string, value: string): string | undefined {
  const shape = SHAPES.find(({ pattern }) => pattern.test(value));
  if (shape !== undefined) return shape.what;
  if (REFERENCE.test(value)) return undefined;
  const last = name.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).at(-1) ?? "";
  if (SECRET_NAME.test(last)) return "a secret by its name";
  return KEY_NAME.test(last) && isRandom(value) ? "a random value under the name of a key" : undefined;
}

/** Whether a text holds a run of letters and digits that a generator made. */
export function isRandom(value: string): boolean {
  return [...value.matchAll(RUN)].some(
    ([run]) => /\d/.test(run) && /[A-Za-z]/.test(run) && entropy(run) >= LEAST_ENTROPY,
  );
}

/** Shannon's entropy of a text's characters, in bits for each. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, n) => bits - (n / text.length) * Math.log2(n / text.length), 0);
}

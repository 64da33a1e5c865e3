import fc from "fast-check";

/** 63 bytes is the longest name of PostgreSQL, PgBouncer and DNS; one more is cut or refused. */
const AT_THE_LIMIT = ["a", "é", "😀"].flatMap((letter) =>
  [63, 64, 65].map((bytes) => {
    const whole = letter.repeat(Math.floor(bytes / Buffer.byteLength(letter)));
    return whole + "x".repeat(bytes - Buffer.byteLength(whole));
  }),
);

/** What would break out of a text that is put into another unquoted, by language. */
const INJECTIONS = [
  // SQL
  ...[
    "'; DROP TABLE deploy.ledger; --",
    "$$; SELECT 1; $$",
    "E'\\'",
    '"; DROP ROLE x; --',
    "a'||version()||'",
  ],
  // shell
  ...[
    "$(touch /tmp/hit)",
    "`id`",
    "; reboot",
    "a && b",
    "| cat",
    "$HOME",
    "${IFS}",
    "~root",
    "*",
    "\\",
    "-rf",
    "--help",
  ],
  // ini, HAProxy, Redis
  ...["a = b", "[databases]", "%include /etc/passwd", ";comment", "# comment", "a\n  server evil 10.0.0.1:1"],
  ...['"%[env(HOME)]"', "a\nrequirepass x", "~* &* +@all", "> nopass", "#0123", "a\r\nFLUSHALL\r\n"],
  // YAML, JSON, URL, pgpass, DSN
  ...[
    "{a: b}",
    "- a",
    "!!python/object:os.system",
    "&anchor *alias",
    '\'{"a":1}',
    "null",
    "yes",
    "1e3",
    "0x10",
  ],
  ...[
    "a@b:c/d?e#f",
    "%00",
    "%41",
    "%",
    "a:b\\:c",
    "host=evil password=x",
    "sslmode=disable",
    "/../..",
    "::1",
    "[::1]",
  ],
  // printf and log formats
  ...["%s%n%m", "%%", "{{.Env}}"],
];

/** Single characters that mean something to a parser, a few beyond ASCII, and some that nobody sees. */
const CHARACTERS = [
  ...[..." '\"`\\$%&;:#@!?*~^|<>(){}[]=+-,./_\t\n\r\0\x01\x1b\x7f\x85\x9b"],
  ...[
    "\u00a0",
    "\u2028",
    "\u2029",
    "\u202e",
    "\ufeff",
    "\uffff",
    "é",
    "e\u0301",
    "ß",
    "İ",
    "漢",
    "😀",
    "\ud83d",
  ],
  ...["$$", "''", '""', "\\'", "a", "B", "7"],
];

/** Any text that somebody may write into a configuration to no good end: single halves of characters among it. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...INJECTIONS, ...AT_THE_LIMIT),
  fc.string({ unit: fc.constantFrom(...CHARACTERS), maxLength: 24 }),
  fc.string({ unit: "binary", maxLength: 80 }),
  fc
    .tuple(fc.constantFrom(...INJECTIONS), fc.string({ unit: "grapheme", maxLength: 20 }))
    .map((parts) => parts.join("")),
);

/** A password that the configuration takes: 12 to 128 printable ASCII characters without spaces. */
export const hostilePassword: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...INJECTIONS.map((text) => text.replace(/[^!-~]/g, "").padEnd(12, "'\"\\$%"))),
  fc.string({
    unit: fc.constantFrom(...CHARACTERS.filter((c) => /^[!-~]+$/.test(c))),
    minLength: 12,
    maxLength: 64,
  }),
  fc.constantFrom(63, 64, 128).map((length) => "\\'$%\"".repeat(26).slice(0, length)),
);

/** A name that nearly is one: what a renderer takes as a word, and what it must refuse. About half are taken. */
export const hostileName: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[abzAZ019][abzAZ019_-]{0,62}$/) },
  fc.string({ unit: fc.constantFrom(..."abzAZ019_.-"), minLength: 1, maxLength: 66 }),
  fc.constantFrom(...AT_THE_LIMIT, "a..b", ".a", "a.", "-a", "a-", "_", "0", "localhost", "null", "on"),
  hostileText,
);

/**
 * A property over many values at once, for a program that takes long to start. A failure is not made smaller; it tells
 * its seed and what was wrong with which value: a check names the value.
 */
export async function assertOfMany<T>(
  value: fc.Arbitrary<T>,
  count: number,
  check: (values: T[]) => Promise<void>,
): Promise<void> {
  const values = fc.array(value, { minLength: count, maxLength: count, size: "max" });
  const run = await fc.check(fc.asyncProperty(values, check), { numRuns: 1, endOnFailure: true });
  if (!run.failed) return;
  // fast-check's own message would hold all values.
  const { message } = run.errorInstance as Error;
  throw new Error(`not so with ACGS_DB_TEST_SEED=${run.seed}: ${message}`, { cause: run.errorInstance });
}

/** What a renderer makes of a value, or the message by which it refuses it. */
export function rendered<T>(render: () => T): { text: T } | { refusal: string } {
  try {
    return { text: render() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { refusal: error.message };
  }
}

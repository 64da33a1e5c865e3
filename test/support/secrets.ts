import { revealed } from "../../lib/pulumi/deployment.ts";

/** Something that nobody may read outside of the encrypted state and the files of containers. */
export interface Secret {
  /** Where the state holds it, such as `passwords: passwords.dgm_service`. */
  readonly name: string;
  readonly kind: "password" | "verifier" | "private key" | "key";
  readonly value: string;
}

/** Shorter ones would be found by chance. */
const SHORTEST = 8;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/g;
const VERIFIER = /SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+/g;
/** Keys of settings, derived passwords, and the hashes that Redis compares passwords with. Not an image's id. */
const HEXADECIMAL = /(?<![0-9a-f:])[0-9a-f]{64}(?![0-9a-f])/g;
/** Names under which a secret value is a secret itself, and not only mentioned beside one. */
const TELLING = /password|secret|passphrase/i;

interface Exported {
  deployment?: { resources?: { urn: string; inputs?: unknown; outputs?: unknown }[] };
}

/**
 * Every secret of a stack, each once.
 *
 * @param state  what `pulumi stack export --show-secrets` prints, parsed
 */
export function secretsOf(state: unknown): Secret[] {
  const found = new Map<string, Secret>();
  for (const { urn, inputs, outputs } of (state as Exported).deployment?.resources ?? []) {
    const resource = urn.split("::").at(-1)!;
    for (const { path, text } of secretTexts({ ...asObject(inputs), outputs })) {
      for (const { kind, value } of secretsIn(path, text)) {
        if (value.length >= SHORTEST && !found.has(value))
          found.set(value, { name: `${resource}: ${path}`, kind, value });
      }
    }
  }
  return [...found.values()];
}

/** The texts that a state holds encrypted, with their paths. */
function secretTexts(value: unknown, path = "", secret = false): { path: string; text: string }[] {
  if (typeof value === "string") return secret ? [{ path, text: value }] : [];
  if (typeof value !== "object" || value === null) return [];
  // Only a mark of Pulumi's is replaced by something else at its own level.
  const isMarked = "plaintext" in value;
  const inner = isMarked ? revealed(value) : value;
  if (typeof inner !== "object" || inner === null) return secretTexts(inner, path, true);
  return Object.entries(inner).flatMap(([key, one]) =>
    secretTexts(one, path === "" ? key : `${path}.${key}`, secret || isMarked),
  );
}

function secretsIn(path: string, text: string): Pick<Secret, "kind" | "value">[] {
  const keys = [...text.matchAll(PRIVATE_KEY)].map(([, body]) => body!.trim().split(/\s+/));
  const verifiers = [...text.matchAll(VERIFIER)].map(([value]) => value);
  return [
    // Any line of a key gives it away; the first is the same for all keys of a kind.
    ...keys.map((lines) => ({
      kind: "private key" as const,
      value: lines[Math.ceil((lines.length - 1) / 2)]!,
    })),
    ...verifiers.map((value) => ({ kind: "verifier" as const, value })),
    ...[...text.matchAll(HEXADECIMAL)].map(([value]) => ({ kind: "key" as const, value })),
    ...(TELLING.test(path) && keys.length === 0 && verifiers.length === 0 && !/\s/.test(text)
      ? [{ kind: "password" as const, value: text }]
      : []),
  ];
}

function asObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

/** The forms in which a text may hold a secret, by name. */
function formsOf(value: string): [form: string, text: string][] {
  const json = JSON.stringify(value).slice(1, -1);
  const forms: [string, string][] = [
    ["plain", value],
    ["JSON", json],
    ["JSON within JSON", JSON.stringify(json).slice(1, -1)],
    ["URL", encodeURIComponent(value)],
    ["form of a URL", new URLSearchParams({ a: value }).toString().slice(2)],
    ["SQL", value.replaceAll("'", "''")],
    ["hexadecimal", Buffer.from(value).toString("hex")],
  ];
  // Within a longer text it may begin at each of three places: what depends on its neighbours is left out.
  for (const before of [0, 1, 2]) {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const whole = bytes.subarray(0, bytes.length - (bytes.length % 3)).toString("base64");
    const own = whole.slice(before === 0 ? 0 : 4);
    forms.push(["base64", own], ["base64url", own.replaceAll("+", "-").replaceAll("/", "_")]);
  }
  const distinct = new Map(forms.toReversed().map(([form, text]) => [text, form]));
  return [...distinct]
    .map(([text, form]): [string, string] => [form, text])
    .filter(([, text]) => text.length >= SHORTEST);
}

/** Which secrets a text holds, in whatever form: their names and forms, never themselves. */
export function secretsFound(text: string, secrets: readonly Secret[]): string[] {
  return secrets.flatMap(({ name, value }) => {
    const form = formsOf(value).find(([, written]) => text.includes(written));
    return form === undefined ? [] : [`${name} (${form[0]})`];
  });
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAuthority } from "../../../components/security/x509.ts";
import { scramVerifier } from "../../../components/security/scram.ts";
import { hostilePassword } from "../../support/hostile.ts";
import { secretsFound, secretsOf } from "../../support/secrets.ts";

const MARK = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const secret = (value: unknown) => ({ ...MARK, plaintext: JSON.stringify(value) });
const { certificate, key } = await createAuthority("a", 1);
const verifier = scramVerifier("the-password-1");
const HEX = "0123456789abcdef".repeat(4);
const resource = (name: string, parts: object) => ({ urn: `urn:pulumi:dev::acgs-db::t::${name}`, ...parts });
const STATE = {
  deployment: {
    resources: [
      resource("passwords", {
        inputs: { accounts: { dgm_service: "generated" }, own: secret({}) },
        outputs: {
          passwords: secret({ dgm_service: "the-password-1" }),
          verifiers: secret({ dgm_service: verifier }),
        },
      }),
      resource("files", {
        inputs: { image: `sha256:${HEX}`, files: { "/a": secret(`user x on #${HEX} ~*\n`) } },
        outputs: { issued: secret({ certificate, key }), endsAt: secret("2026-11-22T00:00:00Z") },
      }),
      resource("url", { outputs: { plain: "the-password-2", password: "not-marked-as-secret" } }),
    ],
  },
};
const secrets = secretsOf(STATE);

describe("the secrets of a state", () => {
  it("are its passwords, verifiers, private keys and keys, and nothing that is only beside them", () => {
    const middle = key.split("\n")[2]!;
    expect(secrets.map(({ name, kind, value }) => [name, kind, value])).toEqual([
      ["passwords: outputs.passwords.dgm_service", "password", "the-password-1"],
      ["passwords: outputs.verifiers.dgm_service", "verifier", verifier],
      ["files: files./a", "key", HEX],
      ["files: outputs.issued.key", "private key", middle],
    ]);
  });
});

describe("the search", () => {
  const planted = [
    { name: "a", kind: "password" as const, value: `it's "a" \\ secret/+?1` },
    { name: "b", kind: "password" as const, value: "another-secret" },
  ];
  const { value } = planted[0]!;
  it.each([
    ["plain", `x${value}x`],
    ["JSON", JSON.stringify({ a: value })],
    ["JSON within JSON", JSON.stringify(JSON.stringify([value]))],
    ["URL", `https://h/?a=${encodeURIComponent(value)}`],
    ["form of a URL", new URLSearchParams({ a: value }).toString()],
    ["SQL", `PASSWORD '${value.replaceAll("'", "''")}'`],
    ["hexadecimal", Buffer.from(`a${value}`).toString("hex")],
    ["base64", Buffer.from(`user:${value}`).toString("base64")],
    ["base64", Buffer.from(`users:${value}\n`).toString("base64")],
    ["base64", Buffer.from(`${value}x`).toString("base64")],
    ["base64url", Buffer.from(`??>>:${value}`).toString("base64url")],
  ])("finds one that was planted, as %s", (_form, text) => {
    const found = secretsFound(`before ${text} after`, planted);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^a \(/);
    expect(found[0]).not.toContain(value);
  });

  it("finds any password in a text of any form, wherever it stands", () => {
    const before = fc.string({ maxLength: 5 });
    const write = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => JSON.stringify(text),
      (text) => encodeURIComponent(text),
      (text) => Buffer.from(text).toString("base64"),
    );
    fc.assert(
      fc.property(before, hostilePassword, before, write, (start, value, end, written) => {
        const [planted] = [{ name: "x", kind: "password" as const, value }];
        expect(secretsFound(written(start + value + end), [planted])).toHaveLength(1);
      }),
    );
  });

  it("finds a private key by its lines, and in the whole of it", () => {
    expect(secretsFound(JSON.stringify({ key }), secrets)).toEqual(["files: outputs.issued.key (plain)"]);
    expect(secretsFound(certificate, secrets)).toEqual([]);
    expect(secretsFound("nothing of the kind", secrets)).toEqual([]);
  });
});

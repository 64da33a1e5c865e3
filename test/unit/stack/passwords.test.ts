import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACCOUNTS } from "../../../lib/names.ts";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import { ConfigurationError } from "../../../components/stack/configIssue.ts";
import { hostilePassword } from "../../support/hostile.ts";
import { faultsOf } from "./support.ts";

const allowed = "12 to 128 printable ASCII characters without spaces";
const remedy = "pulumi config set --path --secret acgs-db:passwords.auth_service";

it("takes a password for every account, and keeps only the accounts' names", () => {
  const passwords = Object.fromEntries(ACCOUNTS.map((account) => [account, "correct-horse-battery"]));
  const configuration = parseConfiguration({ passwords }, "dev");
  expect(configuration.ownPasswords).toEqual([...ACCOUNTS].sort());
  expect(JSON.stringify(configuration)).not.toContain("correct-horse");
});

it("refuses an account that the stack does not have", () => {
  expect(faultsOf({ passwords: { auth_servce: "correct-horse-battery" } })).toEqual([
    {
      key: "acgs-db:passwords.auth_servce",
      value: "a password for an account that the stack does not have",
      allowed: ACCOUNTS.join(", "),
      remedy:
        "did you mean `auth_service`? Then:\n" +
        "pulumi config rm --path acgs-db:passwords.auth_servce\n" +
        "pulumi config set --path --secret acgs-db:passwords.auth_service",
    },
  ]);
});

it("refuses short, long and unprintable ones, telling the length and not the value", () => {
  const key = "acgs-db:passwords.auth_service";
  expect(faultsOf({ passwords: { auth_service: "short" } })).toEqual([
    { key, value: "a secret of 5 characters", allowed, remedy },
  ]);
  expect(faultsOf({ passwords: { auth_service: "x".repeat(129) } })).toEqual([
    { key, value: "a secret of 129 characters", allowed, remedy },
  ]);
  for (const password of [
    "with a space in it",
    "a\u0000null-character",
    "line\nbreak-inside",
    "naïve-password",
  ]) {
    expect(faultsOf({ passwords: { auth_service: password } })).toEqual([
      { key, value: "a secret with a space, a control or a non-ASCII character", allowed, remedy },
    ]);
  }
});

it("refuses what PostgreSQL and PgBouncer would take for a verifier", () => {
  for (const password of [`md5${"0f".repeat(16)}`, "SCRAM-SHA-256$4096:c2FsdA==$a2V5:a2V5"]) {
    expect(faultsOf({ passwords: { pgbouncer: password, dgm_service: password } })).toEqual(
      ["pgbouncer", "dgm_service"].map((account) => ({
        key: `acgs-db:passwords.${account}`,
        value: "a secret in the form of a verifier",
        allowed: `${allowed}, other than \`md5…\` or \`SCRAM-SHA-256$…\`, which are verifiers`,
        remedy: `pulumi config set --path --secret acgs-db:passwords.${account}`,
      })),
    );
  }
  expect(faultsOf({ passwords: { pgbouncer: `md5${"0g".repeat(16)}` } })).toEqual([]);
});

it("takes every other printable password", () => {
  const account = fc.constantFrom(...ACCOUNTS);
  fc.assert(
    fc.property(account, hostilePassword, (account, password) => {
      expect(faultsOf({ passwords: { [account]: password } })).toEqual([]);
    }),
  );
});

describe("a secret", () => {
  it("shows in no fault, whatever is wrong with it", () => {
    const secret = fc.string({ minLength: 6, maxLength: 200, unit: "grapheme" }).map((text) => `§${text}§`);
    const shape = fc.constantFrom(
      (text: string): unknown => text,
      (text: string): unknown => ({ auth_service: text }),
      (text: string): unknown => ({ nobody: text }),
      (text: string): unknown => ({ auth_service: [text] }),
      (text: string): unknown => [text],
    );
    fc.assert(
      fc.property(secret, shape, (text, wrap) => {
        const faults = faultsOf({ passwords: wrap(text) });
        expect(faults.length).toBeGreaterThan(0);
        expect(
          faults.every((fault) => !Object.values(fault).some((part: string) => part.includes(text))),
        ).toBe(true);
      }),
    );
  });

  it("is not shown under another key either, when the operator keeps that one secret", () => {
    const key = "acgs-db:postgres.parameters.x";
    const check = () => [{ key, value: "hunter2", allowed: "on", remedy: "not hunter2" }];
    const faults = (raw: unknown, extra = [check]) => {
      try {
        parseConfiguration(raw, "dev", extra, new Set(["postgres"]));
      } catch (error) {
        const { faults, message } = error as ConfigurationError;
        expect(message).not.toContain("hunter2");
        return faults.map((fault) => [fault.key, fault.value]);
      }
      return [];
    };
    expect(faults({ postgres: { cpus: "hunter2" } }, [])).toEqual([
      ["acgs-db:postgres.cpus", "a secret, not shown here"],
    ]);
    expect(faults({ postgres: { membres: "hunter2" } }, [])).toEqual([
      ["acgs-db:postgres.membres", "an unknown key with the value a secret, not shown here"],
    ]);
    expect(faults({})).toEqual([[key, "a secret, not shown here"]]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  generatePassword,
  nextPasswords,
  refusals,
} from "../../../components/security/passwords.provider.ts";
import { scramVerifier, verifierMatches } from "../../../components/security/scram.ts";

const NOTHING = { passwords: {}, verifiers: {} };
const accounts = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, "generated" as const]));

describe("scramVerifier", () => {
  it("is the verifier that PostgreSQL 15 computed for the same password and salt", () => {
    // SELECT rolpassword after CREATE ROLE r PASSWORD 'pencil' on PostgreSQL 15.
    const verifier =
      "SCRAM-SHA-256$4096:NnkqhQb64JYv/q0PcE2poA==$2k/7Zmn0/8Rd1Oj8PgZBw0JCwjdJr4kaSfLKYr+Ghac=:xTfgHcAufP9ZajR5k1wpS/zSSvMGg/7VRP5MPCWFVpE=";
    expect(scramVerifier("pencil", Buffer.from("NnkqhQb64JYv/q0PcE2poA==", "base64"))).toBe(verifier);
  });

  it("matches its own password and no other", () => {
    const printable = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(printable, printable, (password, other) => {
        const verifier = scramVerifier(password);
        expect(verifierMatches(verifier, password)).toBe(true);
        expect(verifierMatches(verifier, other)).toBe(other === password);
      }),
      { numRuns: 25 },
    );
  });

  it("refuses what SASLprep would change", () => {
    expect(() => scramVerifier("pass wörd")).toThrow("printable ASCII");
    expect(() => scramVerifier("")).toThrow("printable ASCII");
  });
});

describe("nextPasswords", () => {
  it("generates 32 letters and digits, another each time", () => {
    const passwords = Array.from({ length: 50 }, generatePassword);
    expect(passwords.every((password) => /^[A-Za-z0-9]{32}$/.test(password))).toBe(true);
    expect(new Set(passwords).size).toBe(50);
  });

  it("keeps what it knows when an account is added, and forgets one that is gone", () => {
    const first = nextPasswords({ accounts: accounts("a", "b"), own: {} }, NOTHING);
    const second = nextPasswords({ accounts: accounts("b", "c"), own: {} }, first);
    expect(Object.keys(second.passwords)).toEqual(["b", "c"]);
    expect(second.passwords.b).toBe(first.passwords.b);
    expect(second.verifiers.b).toBe(first.verifiers.b);
  });

  it("takes the operator's own, with a new verifier only when it is another", () => {
    const own = { accounts: { a: "from configuration" as const }, own: { a: "correct-horse-battery" } };
    const first = nextPasswords(own, nextPasswords({ accounts: accounts("a"), own: {} }, NOTHING));
    expect(first.passwords.a).toBe("correct-horse-battery");
    expect(nextPasswords(own, first).verifiers.a).toBe(first.verifiers.a);
    const changed = nextPasswords({ ...own, own: { a: "another-horse-battery" } }, first);
    expect(changed.verifiers.a).not.toBe(first.verifiers.a);
  });

  it("keeps an operator's password as the generated one when the configuration lets go of it", () => {
    const own = nextPasswords(
      { accounts: { a: "from configuration" }, own: { a: "correct-horse-battery" } },
      NOTHING,
    );
    expect(nextPasswords({ accounts: accounts("a"), own: {} }, own).passwords.a).toBe(
      "correct-horse-battery",
    );
  });
});

describe("versions", () => {
  const pair = (first: number, second: number) => ({
    accounts: accounts("a", "a_2"),
    own: {},
    versions: { a: first, a_2: second },
  });

  it("of 0 have no password", () => {
    const made = nextPasswords(pair(1, 0), NOTHING);
    expect(Object.keys(made.passwords)).toEqual(["a"]);
    expect(Object.keys(made.verifiers)).toEqual(["a"]);
  });

  it("make one of the two anew each time, and keep the other", () => {
    let known = nextPasswords(pair(1, 0), NOTHING);
    const given = new Set(Object.values(known.passwords));
    for (const [wanted, made, kept] of [
      [pair(1, 2), "a_2", "a"],
      [pair(3, 2), "a", "a_2"],
      [pair(3, 4), "a_2", "a"],
    ] as const) {
      const next = nextPasswords(wanted, known);
      expect(next.passwords[kept]).toBe(known.passwords[kept]);
      expect(next.verifiers[kept]).toBe(known.verifiers[kept]);
      expect(given).not.toContain(next.passwords[made]);
      expect(verifierMatches(next.verifiers[made]!, next.passwords[made]!)).toBe(true);
      given.add(next.passwords[made]!);
      expect(nextPasswords(wanted, next)).toEqual(next);
      known = next;
    }
    expect(given.size).toBe(4);
  });

  it("leave the passwords of a state from before as the first", () => {
    const before = nextPasswords({ accounts: accounts("a"), own: {} }, NOTHING);
    const after = nextPasswords(pair(1, 0), before);
    expect(after.passwords).toEqual(before.passwords);
    expect(nextPasswords(pair(1, 2), before).passwords).toMatchObject(before.passwords);
  });
});

describe("refusals", () => {
  const inputs = (own: Record<string, string>) => ({
    accounts: accounts("acgs_deployer", "dgm_service"),
    own,
  });

  it("let a new stack choose, and a running one keep, any password", () => {
    expect(refusals({}, inputs({ acgs_deployer: "correct-horse-battery" }))).toEqual([]);
    const same = inputs({ acgs_deployer: "correct-horse-battery" });
    expect(refusals(same, same)).toEqual([]);
    expect(refusals(inputs({}), inputs({ dgm_service: "correct-horse-battery" }))).toEqual([]);
  });

  it("keep a running stack's members from locking each other out, without showing a password", () => {
    const [failure, ...others] = refusals(inputs({}), inputs({ acgs_deployer: "correct-horse-battery" }));
    expect(others).toEqual([]);
    expect(failure?.reason).toContain("acgs-db:passwords.acgs_deployer");
    expect(JSON.stringify(failure)).not.toContain("correct-horse");
  });
});

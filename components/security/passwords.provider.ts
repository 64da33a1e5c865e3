import type * as pulumi from "@pulumi/pulumi";
import { randomInt } from "node:crypto";
import { INTERNAL_ACCOUNTS } from "../../lib/names.ts";
import { loginRefusals } from "./rotation/refusals.ts";
import { scramVerifier, verifierMatches } from "./scram.ts";

/** Letters and digits only: safe in a URL, an ini file, a shell and a YAML file without quoting. */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** 32 characters of 62 kinds: 190 bits. */
const LENGTH = 32;

interface Inputs {
  accounts: Record<string, "generated" | "from configuration">;
  own: Record<string, string>;
  /** By account, 0 for one without a password; those that are not named have 1. States made before rotation have none. */
  versions?: Record<string, number>;
}

interface State extends Inputs {
  passwords: Record<string, string>;
  verifiers: Record<string, string>;
}

/** A password of {@link LENGTH} letters and digits from the system's random source. */
export function generatePassword(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

/**
 * The passwords after a change: an operator's own win, known ones stay as long as their version does, others are
 * generated.
 */
export function nextPasswords(
  wanted: Inputs,
  known: Pick<State, "versions" | "passwords" | "verifiers">,
): State {
  const passwords: Record<string, string> = {};
  const verifiers: Record<string, string> = {};
  for (const [account, origin] of Object.entries(wanted.accounts)) {
    const version = wanted.versions?.[account] ?? 1;
    if (version === 0) continue;
    const stays = (known.versions?.[account] ?? 1) === version;
    const password =
      origin === "generated"
        ? ((stays ? known.passwords[account] : undefined) ?? generatePassword())
        : wanted.own[account];
    if (password === undefined) throw new Error(`No password was given for ${account}.`);
    const verifier = known.verifiers[account];
    passwords[account] = password;
    verifiers[account] = verifier && verifierMatches(verifier, password) ? verifier : scramVerifier(password);
  }
  return { ...wanted, passwords, verifiers };
}

/**
 * The internal accounts' are chosen before the stack is made, or generated: parts of a running one take the former beside a new
 * password only where both are known, as in a rotation.
 */
export function refusals(olds: Partial<Inputs>, news: Inputs): pulumi.dynamic.CheckFailure[] {
  if (olds.accounts === undefined) return [];
  return INTERNAL_ACCOUNTS.filter(
    (account) => news.own[account] !== undefined && news.own[account] !== olds.own?.[account],
  ).map((account) => ({
    property: "accounts",
    reason:
      `the password of ${account} cannot be set in a running stack: its parts would no longer let the deployment in. ` +
      `Set acgs-db:passwords.${account} back, or take it out if it was not set before; for another password raise ` +
      `acgs-db:secrets.internalRotation.`,
  }));
}

/** Makes and keeps passwords; nothing outside the state is touched, so a refresh finds what is there. */
export const provider: pulumi.dynamic.ResourceProvider<Inputs, State> = {
  async check(olds: Partial<Inputs>, news) {
    return { inputs: news, failures: [...refusals(olds, news), ...loginRefusals(olds, news)] };
  },
  async create(inputs) {
    return { id: "passwords", outs: nextPasswords(inputs, { passwords: {}, verifiers: {} }) };
  },
  async update(_id, olds, news) {
    return { outs: nextPasswords(news, olds) };
  },
};

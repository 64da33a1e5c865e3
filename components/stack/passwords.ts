import { ACCOUNTS } from "../../lib/names.ts";
import { readsAsVerifier } from "../security/scram.ts";
import { configRemove, configSetSecret, type ConfigIssue, keyOf } from "./configIssue.ts";
import { nearest } from "../../lib/text/nearest.ts";

const LEAST = 12;
const MOST = 128;

/**
 * What is wrong with the operator's own passwords, without showing them.
 *
 * Printable ASCII without spaces, because it means the same everywhere: SASLprep (RFC 4013), which SCRAM
 * applies, leaves it as it is, and Redis' ACL file separates words by spaces.
 */
export function passwordFaults(passwords: Readonly<Record<string, string>>): ConfigIssue[] {
  return Object.entries(passwords).flatMap(([account, password]) => [
    ...accountFaults(account),
    ...valueFaults(account, password),
  ]);
}

function accountFaults(account: string): ConfigIssue[] {
  if (ACCOUNTS.includes(account)) return [];
  const meant = nearest(account, ACCOUNTS);
  const remove = configRemove(["passwords", account]);
  return [
    {
      key: keyOf(["passwords", account]),
      value: "a password for an account that the stack does not have",
      allowed: ACCOUNTS.join(", "),
      remedy:
        meant === undefined
          ? remove
          : `did you mean \`${meant}\`? Then:\n${remove}\n${configSetSecret(["passwords", meant])}`,
    },
  ];
}

function valueFaults(account: string, password: string): ConfigIssue[] {
  const key = keyOf(["passwords", account]);
  const remedy = configSetSecret(["passwords", account]);
  const allowed = `${LEAST} to ${MOST} printable ASCII characters without spaces`;
  const length = [...password].length;
  const faults: ConfigIssue[] = [];
  if (length < LEAST || length > MOST) {
    faults.push({ key, value: `a secret of ${length} characters`, allowed, remedy });
  }
  if (/[^\x21-\x7e]/.test(password)) {
    faults.push({ key, value: "a secret with a space, a control or a non-ASCII character", allowed, remedy });
  }
  if (readsAsVerifier(password)) {
    const other = `${allowed}, other than \`md5…\` or \`SCRAM-SHA-256$…\`, which are verifiers`;
    faults.push({ key, value: "a secret in the form of a verifier", allowed: other, remedy });
  }
  return faults;
}

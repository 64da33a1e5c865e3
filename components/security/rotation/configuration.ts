import { CLIENT_ACCOUNTS, INTERNAL_ACCOUNTS } from "../../../lib/names.ts";
import { versionOf } from "./versions.ts";
import type { StackConfiguration } from "../../stack/stackConfiguration.ts";
import {
  configRemove,
  configSet,
  configSetSecret,
  type ConfigIssue,
  keyOf,
  shown,
} from "../../stack/configIssue.ts";
import { nearest } from "../../../lib/text/nearest.ts";

const KEY = ["secrets", "rotation"];

/**
 * What is wrong with `secrets.rotation` and `secrets.internalRotation` beyond their form. Whether they follow the running
 * stack's, providers say: of the passwords, of the guard, and of what updates have brought to their end.
 */
export function rotationFaults(
  configuration: Pick<StackConfiguration, "secrets" | "ownPasswords">,
): ConfigIssue[] {
  return [
    ...unknownLogins(configuration),
    ...ownPasswords(configuration),
    ...internalRotationFaults(configuration),
  ];
}

function unknownLogins({ secrets: { rotation } }: Pick<StackConfiguration, "secrets">): ConfigIssue[] {
  if (typeof rotation === "number") return [];
  const unknown = Object.entries(rotation).filter(([login]) => !CLIENT_ACCOUNTS.includes(login));
  return unknown.map(([login, version]) => {
    const meant = nearest(login, CLIENT_ACCOUNTS);
    const remove = configRemove([...KEY, login]);
    return {
      key: keyOf([...KEY, login]),
      value: `${shown(version)} for a login whose password is not rotated`,
      allowed: CLIENT_ACCOUNTS.join(", "),
      remedy:
        meant === undefined
          ? remove
          : `did you mean \`${meant}\`? Then:\n${remove}\n${configSet([...KEY, meant], version)}`,
    };
  });
}

/** The next version is generated, and would not be what the operator has set. */
function ownPasswords({
  secrets: { rotation },
  ownPasswords: own,
}: Pick<StackConfiguration, "secrets" | "ownPasswords">): ConfigIssue[] {
  const rotated = CLIENT_ACCOUNTS.filter((login) => own.includes(login) && versionOf(login, rotation) > 1);
  return rotated.map((login) => ({
    key: keyOf(typeof rotation === "number" ? KEY : [...KEY, login]),
    value: `${versionOf(login, rotation)}, while the password of ${login} is from the configuration`,
    allowed: `1 for ${login} as long as ${keyOf(["passwords", login])} is set: new versions are generated`,
    remedy:
      `let the next one be generated: ${configRemove(["passwords", login])}\n` +
      `or leave ${login} at 1, with numbers by login, and set its password itself: ${configSetSecret(["passwords", login])}`,
  }));
}

/** As of logins: later versions are derived. */
function internalRotationFaults({
  secrets: { internalRotation },
  ownPasswords: own,
}: Pick<StackConfiguration, "secrets" | "ownPasswords">): ConfigIssue[] {
  const named = INTERNAL_ACCOUNTS.filter((account) => internalRotation > 1 && own.includes(account));
  const key = ["secrets", "internalRotation"];
  return named.map((account) => ({
    key: keyOf(key),
    value: `${internalRotation}, while the password of ${account} is from the configuration`,
    allowed: `1 as long as ${keyOf(["passwords", account])} is set: new versions are generated`,
    remedy: `let the next one be generated: ${configRemove(["passwords", account])}`,
  }));
}

import { LOGIN_ACCOUNTS } from "../access/logins.ts";
import { versionOf } from "../security/rotation.ts";
import type { StackConfiguration } from "./configuration.ts";
import { configRemove, configSet, configSetSecret, type Fault, keyOf, shown } from "./fault.ts";
import { nearest } from "./nearest.ts";

const KEY = ["secrets", "rotation"];

/**
 * What is wrong with `secrets.rotation` beyond its form. Whether it follows the running stack's, the passwords' provider
 * says.
 */
export function rotationFaults(configuration: Pick<StackConfiguration, "secrets" | "ownPasswords">): Fault[] {
  return [...unknownLogins(configuration), ...ownPasswords(configuration)];
}

function unknownLogins({ secrets: { rotation } }: Pick<StackConfiguration, "secrets">): Fault[] {
  if (typeof rotation === "number") return [];
  const unknown = Object.entries(rotation).filter(([login]) => !LOGIN_ACCOUNTS.includes(login));
  return unknown.map(([login, version]) => {
    const meant = nearest(login, LOGIN_ACCOUNTS);
    const remove = configRemove([...KEY, login]);
    return {
      key: keyOf([...KEY, login]),
      value: `${shown(version)} for a login whose password is not rotated`,
      allowed: LOGIN_ACCOUNTS.join(", "),
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
}: Pick<StackConfiguration, "secrets" | "ownPasswords">): Fault[] {
  const rotated = LOGIN_ACCOUNTS.filter((login) => own.includes(login) && versionOf(login, rotation) > 1);
  return rotated.map((login) => ({
    key: keyOf(typeof rotation === "number" ? KEY : [...KEY, login]),
    value: `${versionOf(login, rotation)}, while the password of ${login} is from the configuration`,
    allowed: `1 for ${login} as long as ${keyOf(["passwords", login])} is set: new versions are generated`,
    remedy:
      `let the next one be generated: ${configRemove(["passwords", login])}\n` +
      `or leave ${login} at 1, with numbers by login, and set its password itself: ${configSetSecret(["passwords", login])}`,
  }));
}

import { CLIENT_ACCOUNTS, rotationLogin } from "../../../lib/names.ts";

/**
 * The version of the password of each client's account, counted from 1 (stack configuration `acgs-db:secrets.rotation`):
 * one number for all, or a number by account, where those that are not named have 1.
 *
 * Version N of a login is held by `<login>` where N is odd, and by `<login>_2` where it is even. The other of the two
 * still holds version N - 1, so both are valid while clients change over; the next rotation gives that one a new
 * password, which ends version N - 1. The account `redis` is no login: its user in Redis takes both passwords.
 */
export type Rotation = number | Readonly<Record<string, number>>;

/** The version of a login's password that clients are to use. */
export function versionOf(login: string, rotation: Rotation): number {
  return typeof rotation === "number" ? rotation : (rotation[login] ?? 1);
}

/** Which of the two logins holds this version. */
export function holderOf(login: string, version: number): string {
  return version % 2 === 1 ? login : rotationLogin(login);
}

/** The version that each login and each second login holds; 0 for one that has no password yet. */
export function heldVersions(rotation: Rotation): Record<string, number> {
  return Object.fromEntries(
    CLIENT_ACCOUNTS.flatMap((login) => {
      const version = versionOf(login, rotation);
      return [version, version - 1].map((held) => [holderOf(login, held), held]);
    }),
  );
}

import type * as pulumi from "@pulumi/pulumi";
import { CLIENT_ACCOUNTS, rotationLogin } from "../../../lib/names.ts";

/** What a state or a program says of logins' passwords. */
interface Held {
  accounts?: Readonly<Record<string, unknown>>;
  versions?: Readonly<Record<string, number>>;
}

/**
 * A version goes up by one at a time, because the one before is what clients still use; and never down, because a
 * password that was given up may have leaked.
 */
export function rotationRefusals(olds: Held, news: Held): pulumi.dynamic.CheckFailure[] {
  const moves = new Map<string, { before: number; after: number; logins: string[] }>();
  for (const login of CLIENT_ACCOUNTS) {
    const [before, after] = [currentVersion(login, olds), currentVersion(login, news)];
    if (before === undefined || after === undefined || after === before || after === before + 1) continue;
    const move = `${before} ${after}`;
    const logins = [...(moves.get(move)?.logins ?? []), login];
    moves.set(move, { before, after, logins });
  }
  return [...moves.values()].map(({ before, after, logins }) => ({
    // Of no one property: the engine would print all versions before the reason.
    property: "",
    reason:
      `acgs-db:secrets.rotation is ${before} for ${logins.join(", ")} in the running stack and cannot go ` +
      (after < before
        ? `back to ${after}. Give ${before}, or ${before + 1} for a new password.`
        : `to ${after} in one update: clients would lose the password that they still use. ` +
          `Give ${before + 1}, run \`npm run up\`, let the clients change over, and then go on.`),
  }));
}

/** The newest version of a login's password; 1 in a state that was made before rotation, nothing for a new login. */
function currentVersion(login: string, { accounts, versions }: Held): number | undefined {
  if (accounts?.[login] === undefined) return undefined;
  return Math.max(versions?.[login] ?? 1, versions?.[rotationLogin(login)] ?? 0);
}

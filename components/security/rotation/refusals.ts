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
export function loginRefusals(olds: Held, news: Held): pulumi.dynamic.CheckFailure[] {
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

/**
 * The version of the internal accounts' passwords goes up by one at a time: parts of a running stack take the former
 * beside a new password, and no other.
 */
export function internalRefusals(before: number, after: number): pulumi.dynamic.CheckFailure[] {
  if (after === before || after === before + 1) return [];
  return [
    {
      property: "internalRotation",
      reason:
        `acgs-db:secrets.internalRotation is ${before} in the running stack and cannot go ` +
        (after < before ? "back" : "up by more than one in an update") +
        ` to ${after}. Give ${before}, or ${before + 1} for new passwords.`,
    },
  ];
}

/** The versions that all parts of the stack have: what an update has brought to its end. */
export interface Ended {
  /** By account. */
  clients: Record<string, number>;
  internal: number;
}

/** A version that not all parts have is not gone on from: those would be left behind. That none goes back, the two above see to. */
export function unendedRefusals(olds: Partial<Ended>, news: Ended): pulumi.dynamic.CheckFailure[] {
  if (olds.clients === undefined || olds.internal === undefined) return [];
  const isTooFar = (before: number | undefined, after: number) => before !== undefined && after > before + 1;
  const clients = Object.entries(news.clients).filter(([one, after]) => isTooFar(olds.clients?.[one], after));
  const failure = (key: string, of: string, ended: number, wanted: number) => ({
    property: "",
    reason:
      `acgs-db:secrets.${key} cannot go to ${wanted} for ${of}: not all parts of the stack have a version after ${ended} ` +
      `yet, and would be left behind. Give ${ended + 1}, run \`npm run up\` until it succeeds, and then go on.`,
  });
  const [first] = clients;
  return [
    ...(first
      ? [failure("rotation", clients.map(([one]) => one).join(", "), olds.clients[first[0]]!, first[1])]
      : []),
    ...(isTooFar(olds.internal, news.internal)
      ? [failure("internalRotation", "internal accounts", olds.internal, news.internal)]
      : []),
  ];
}

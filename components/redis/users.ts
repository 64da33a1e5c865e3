import { createHash, createHmac } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { CACHE_USERS, type CacheUser } from "../roles/cacheUsers.ts";
import { ACCOUNT, REDIS_ADMIN_LOGIN, REDIS_LOGIN } from "../../lib/names.ts";
import type { Credentials } from "../security/credentials.ts";

/** The user that nodes are among each other: they replicate and introduce themselves, and read no key. */
export const PEER = "peer";

/** What a client of a cluster asks for, of the commands that are kept from applications otherwise. */
const CLUSTER_CLIENT = [
  "+info",
  ...["slots", "shards", "nodes", "info", "myid", "keyslot"].map((sub) => `+cluster|${sub}`),
];

/**
 * What a service's user may not run although it is neither administrative nor dangerous: commands that tell names of
 * others' keys and channels, which no pattern of keys keeps back (SCAN, CLUSTER GETKEYSINSLOT, and CLIENT TRACKING,
 * whose broadcasts name every key that is written), and those that change what all users share.
 */
const KEPT_FROM_SERVICES = [
  ...["scan", "randomkey", "dbsize", "cluster", "client|tracking", "pubsub"],
  ...["function", "script|flush", "script|kill"],
];

/**
 * Who may do what, as Redis' ACL file has it. Only hashes of passwords are written, so a password may hold any character.
 *
 * The application at large and each service get every command but those that Redis calls administrative or dangerous,
 * and what a cluster client asks for; a service on keys and channels that begin with its prefix, and no other.
 * Administration is for internal accounts alone.
 *
 * @param passwords  all that are valid, by user: the application, the administrator, and every service; the nodes' own are
 *                   derived from the administrator's
 * @throws Error when a user has none, or an empty one: it would be one that everybody knows
 */
export function usersFile(passwords: Readonly<Record<string, readonly string[]>>): string {
  const given = (user: string): readonly string[] => {
    const valid = passwords[user] ?? [];
    if (valid.length === 0 || valid.includes("")) {
      throw new Error(
        `The password of the Redis user ${user} is empty: set one, or leave it out to have one generated.`,
      );
    }
    return valid;
  };
  const line = (user: string, valid: readonly string[], rules: readonly string[]) =>
    `user ${user} reset on ${[...valid.map((password) => `#${hash(password)}`), ...rules].join(" ")}`;
  const admin = given(REDIS_ADMIN_LOGIN);
  return [
    "user default reset off",
    ...CACHE_USERS.map((user) => line(user.name, given(user.name), rulesOf(user))),
    line(REDIS_ADMIN_LOGIN, admin, ["~*", "&*", "+@all"]),
    line(PEER, admin.map(peerPassword), [
      "+ping",
      "+psync",
      "+replconf",
      "+info",
      "+cluster|meet",
      "+cluster|nodes",
      "+cluster|info",
    ]),
    "",
  ].join("\n");
}

/** The words of an `ACL SETUSER` for each line of {@link usersFile}. Sessions of the users stay, that of who asks too. */
export function setUserCommands(file: string): string[][] {
  return file
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" ").slice(1));
}

function rulesOf({ name, keyPrefix }: CacheUser): string[] {
  const isService = name !== REDIS_LOGIN;
  return [
    ...[`~${keyPrefix}*`, `&${keyPrefix}*`, "+@all", "-@admin", "-@dangerous"],
    ...(isService ? KEPT_FROM_SERVICES.map((command) => `-${command}`) : []),
    ...CLUSTER_CLIENT,
  ];
}

/**
 * The valid passwords of the applications' users. A service has one for PostgreSQL and Redis; while it is rotated, its user
 * keeps its name and takes both, where PostgreSQL has two logins.
 */
export function redisPasswords(
  accounts: Pick<Credentials, "valid">,
): Record<string, pulumi.Output<string[]>> {
  return Object.fromEntries(
    CACHE_USERS.map(({ name }) => [name, accounts.valid(name === REDIS_LOGIN ? ACCOUNT.redis : name)]),
  );
}

/**
 * What a node says to its master and to its peers. While a rotation goes on, a node that runs knows the former only, which the
 * scripts of its image read beside the new one.
 *
 * @param adminPasswords  all that are valid, the one to use first
 */
export function peerPasswordFile([admin, former]: readonly string[]): string {
  const lines = [`masteruser ${PEER}`, `masterauth ${peerPassword(admin!)}`];
  if (former !== undefined) lines.unshift(`#former ${peerPassword(former)}`);
  return `${lines.join("\n")}\n`;
}

/** Derived, so that a node holds no password with which its neighbours' data could be changed. Hexadecimal. */
export function peerPassword(adminPassword: string): string {
  return createHmac("sha256", adminPassword).update("acgs-db redis peers").digest("hex");
}

/** As Redis' ACL files have it: SHA-256 of the UTF-8 bytes, hexadecimal. */
function hash(password: string): string {
  return createHash("sha256").update(password).digest("hex");
}

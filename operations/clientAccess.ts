import { UserError } from "../lib/errors.ts";
import { APPLICATION_LOGIN, CLIENT_LOGINS, MONITOR_LOGIN, READONLY_LOGIN, SERVICES } from "../lib/names.ts";
import type { StackOutputs } from "../components/stack/outputs.ts";

type Outputs = Pick<StackOutputs, "services" | "readonly" | "monitor" | "redis">;

const SHORT_NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(SERVICES.map(({ login, schema }) => [schema, login])),
  readonly: READONLY_LOGIN,
  monitor: MONITOR_LOGIN,
};

/** Logins that a person or a service connects as. */
export const LOGINS: readonly string[] = [...CLIENT_LOGINS, READONLY_LOGIN, MONITOR_LOGIN];

/** The login that a word names: `dgm_service`, or `dgm` for short; undefined for any other word. */
export function loginNamed(word: string): string | undefined {
  return SHORT_NAMES[word] ?? LOGINS.find((login) => login === word);
}

/**
 * The URL (with its password) of a login for PostgreSQL, with the file of the certificate that clients check servers against.
 *
 * @throws UserError for a login that reads replicas through no URL of its own
 */
export function postgresUrl(
  outputs: Outputs,
  login: string,
  target: "primary" | "replicas",
  authorityFile: string,
): string {
  const { url, readUrl } = urlsOf(outputs, login);
  const chosen = target === "primary" ? url : readUrl;
  if (chosen === undefined) throw new UserError(`${login} has no URL for the replicas.`);
  const parsed = new URL(chosen);
  parsed.search += `${parsed.search === "" ? "?" : "&"}sslrootcert=${encodeURIComponent(authorityFile)}`;
  return withoutQuotes(parsed);
}

function urlsOf({ services, readonly, monitor }: Outputs, login: string): { url: string; readUrl?: string } {
  if (login === READONLY_LOGIN) return readonly;
  if (login === MONITOR_LOGIN) return monitor;
  return services[login as keyof Outputs["services"]];
}

export interface RedisAccess {
  username: string;
  password: string;
  /** Only names that begin with it are allowed; empty for the user of all keys. */
  keyPrefix: string;
  /** `host:port` of each node that clients may begin with. */
  nodes: string[];
}

/**
 * The user of Redis that belongs to a login: a service's own, or the one of the application at large.
 *
 * @throws UserError for a login without one
 */
export function redisAccess({ redis }: Outputs, login: string): RedisAccess {
  const nodes = redis.nodes.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`);
  const own = redis.users[login];
  if (own) return { username: own.username, password: own.password, keyPrefix: own.keyPrefix, nodes };
  if (login === APPLICATION_LOGIN)
    return { username: redis.username, password: redis.password, keyPrefix: "", nodes };
  throw new UserError(`${login} has no user of Redis; ${CLIENT_LOGINS.join(", ")} have one.`);
}

/**
 * What a service needs to connect, as environment variables: names that libpq and common libraries read, and URLs in which
 * every part is percent-encoded.
 */
export function clientEnvironment(
  outputs: Outputs,
  login: string,
  authorityFile: string,
): Record<string, string> {
  const { username, password, keyPrefix, nodes } = redisAccess(outputs, login);
  const redis = new URL(`rediss://${nodes[0]}`);
  [redis.username, redis.password] = [username, encodeURIComponent(password)];
  return {
    DATABASE_URL: postgresUrl(outputs, login, "primary", authorityFile),
    DATABASE_READ_URL: postgresUrl(outputs, login, "replicas", authorityFile),
    PGSSLROOTCERT: authorityFile,
    REDIS_URL: withoutQuotes(redis),
    REDIS_NODES: nodes.join(","),
    REDIS_KEY_PREFIX: keyPrefix,
    REDIS_CA_FILE: authorityFile,
  };
}

/** A URL may hold a single quote; lines of a .env file may not. */
function withoutQuotes({ href }: URL): string {
  return href.replaceAll("'", "%27");
}

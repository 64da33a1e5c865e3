import { isIP } from "node:net";
import { z } from "zod";
import { type CacheKind, cacheTtlSeconds, type Pool } from "./defaults.ts";

/** What docs/configuration.md and the faults say about a configuration key. */
export interface KeyNotes {
  /** One sentence: what the key decides, with its unit. */
  readonly meaning: string;
  /** The allowed values, in words. */
  readonly allowed: string;
  /** What a change does to a running stack. */
  readonly impact: string;
  /** A value for the remedy of a fault where there is no default. */
  readonly example?: unknown;
}

/** The notes of every key of the configuration, by schema. */
export const keyNotes = z.registry<KeyNotes>();

/** What changing a key does, where several keys share it. */
export const cost = {
  none: "nothing runs differently; only the state changes",
  reload: "reload: no session is lost",
  restart: "pending restart: in force after a rolling restart of the members",
  containers: "the containers are replaced one after the other; the data stays",
} as const;

/** DNS (RFC 1035) bounds each part by 63 bytes, and the whole by 253. */
const hostName =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
/** What follows is an argument of the `docker` and `ssh` clients: no part may be taken for an option. */
const endpoint =
  /^(unix:\/\/\/[^\s\p{Cc}]+|tcp:\/\/\w[\w.-]*:\d{1,5}|ssh:\/\/(\w[\w.-]*@)?\w[\w.-]*(:\d{1,5})?)$/u;
/** A prefix, with which names of containers, volumes and the network begin. */
export const prefixPattern = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** The prefix that is nearest to some text, never another stack's: `acgs-Dev_2` makes `acgs-dev-2`. */
export function fittingPrefix(text: string): string {
  const words = text.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return words.replace(/^-/, "").slice(0, 40).replace(/-$/, "") || "acgs";
}

/** What sizing reckons with, and its remedies stay within. */
export const limits = {
  /** Memory of one PostgreSQL member in MB. */
  memoryMb: { least: 1_024, most: 1_048_576 },
  /** Server connections of one member. */
  maxConnections: { least: 20, most: 5_000 },
} as const;

/** Where the stack runs unless it is told otherwise. */
export const localHost = {
  name: "local",
  docker: "unix:///var/run/docker.sock",
  address: "127.0.0.1",
  bind: "127.0.0.1",
};

/** An address that means the same everywhere: `fe80::1%eth0` names an interface of one machine. */
const isAddress = (text: string) => isIP(text) !== 0 && !text.includes("%");

const isClientName = (text: string) => isAddress(text) || (hostName.test(text) && !/^[\d.]+$/.test(text));

/** A host name or an IP address. */
export const clientName = z.string().refine(isClientName);

/** The same without IPv6. */
const announced = z.string().refine((text) => isClientName(text) && isIP(text) !== 6);

/** One machine with a Docker engine. */
export const host = z.strictObject({
  name: key(z.string().regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/), {
    meaning: "The host's name within the stack.",
    allowed: "lower-case letters, digits and hyphens, at most 40",
    impact: "for a new stack only: refused on a running one",
    example: localHost.name,
  }),
  docker: key(z.string().regex(endpoint), {
    meaning: "The endpoint of the host's Docker engine.",
    allowed: "unix:///path, tcp://host:port or ssh://[user@]host[:port]",
    impact: "none while it is the same engine; another engine has none of the data",
    example: localHost.docker,
  }),
  address: key(announced, {
    meaning: "The address under which clients reach the host.",
    allowed:
      "an IPv4 address or a host name: Redis announces it to its clients, and takes no IPv6 address there",
    impact: "the outputs change, and the Redis containers, which announce it, are replaced one by one",
    example: localHost.address,
  }),
  bind: key(z.string().refine(isAddress).default(localHost.bind), {
    meaning: "The address on which the host publishes the stack's ports.",
    allowed: "an IP address; one that others reach exposes the stack to them",
    impact: cost.containers,
  }),
});

/** All machines of a stack. */
export const hosts = z.array(host).min(1).default([localHost]);

/** One PgBouncer pool. @param whose  for docs/configuration.md, such as `auth_service` */
export function pool(whose: string, defaults: Pool) {
  const sum = "the sum must fit `postgres.maxConnections`";
  const values = z.strictObject({
    size: key(whole(1, 500).default(defaults.size), {
      meaning: "Server connections, over all PgBouncers.",
      allowed: `a whole number from 1 to 500; ${sum}`,
      impact: cost.reload,
    }),
    reserve: key(whole(0, 500).default(defaults.reserve), {
      meaning: "Further server connections for clients that wait, over all PgBouncers.",
      allowed: `a whole number from 0 to 500; ${sum}`,
      impact: cost.reload,
    }),
    maxClients: key(whole(1, 10_000).default(defaults.maxClients), {
      meaning: "Client connections at each PgBouncer; more are refused.",
      allowed: "a whole number from 1 to 10000, at least `size`",
      impact: cost.reload,
    }),
  });
  return key(values.prefault({}), {
    meaning: `${whose}: server connections, more of them for clients that wait, clients.`,
    allowed: "`size` 1 to 500, `reserve` 0 to 500, `maxClients` from `size` to 10000",
    impact: cost.reload,
  });
}

/** The first of a run of ports. @param meaning  for docs/configuration.md */
export function port(defaultPort: number, meaning: string) {
  return key(whole(1, 65_535).default(defaultPort), {
    meaning,
    allowed: "a whole number from 1 to 65535, apart from the stack's other ports",
    impact: "the containers are replaced one after the other; a move onto ports of the old range is refused",
  });
}

/** How long one kind of value may be cached, in seconds. @param what  for docs/configuration.md, such as `an API response` */
export function ttl(kind: CacheKind, what: string) {
  return key(whole(1, 2_592_000).default(cacheTtlSeconds[kind]), {
    meaning: `Seconds that ${what} may be cached.`,
    allowed: "a whole number from 1 to 2592000 (30 days)",
    impact: "the output changes; clients follow when they read it",
  });
}

/** A schema with its notes: it becomes an entry of docs/configuration.md. */
export function key<S extends z.ZodType>(schema: S, notes: KeyNotes): S {
  keyNotes.add(schema, notes);
  return schema;
}

/** A whole number within these limits, both allowed. */
export function whole(least: number, most: number) {
  return z.int().min(least).max(most);
}

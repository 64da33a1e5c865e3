import { z } from "zod";
import { SERVICES } from "../../lib/names.ts";
import { isStorableText } from "../../lib/text/storable.ts";
import { type CacheKind, cacheTtlSeconds, poolDefaults, type PooledLogin } from "./defaults.ts";

export { type CacheKind, cacheTtlSeconds } from "./defaults.ts";

const port = z.int().min(1).max(65_535);
const address = z.object({ host: z.string().min(1), port });
const endpoint = address.extend({ database: z.string().min(1) });
const url = z.url({ protocol: /^postgresql$/ });
// With several hosts it is none that URL parsers take.
const urlOfAll = z.string().startsWith("postgresql://");
/** Where a login connects to, all of it secret. */
const connections = z.object({
  /** Through the first PgBouncer. */
  url,
  /** Through each PgBouncer, in the order of `poolers`. */
  urls: z.array(url).min(1),
  /** All PgBouncers in one URL, as libpq, asyncpg and pgx take it: the first that answers. */
  multiHostUrl: urlOfAll,
});
const readConnections = connections.extend({
  /** The same three for reads from replicas. */
  readUrl: url,
  readUrls: z.array(url).min(1),
  multiHostReadUrl: urlOfAll,
});
const sqlFile = z.object({
  schema: z.string().min(1),
  file: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const pool = z.object({
  size: z.int().min(1),
  reserve: z.int().min(0),
  maxClients: z.int().min(1),
});

const logins = Object.keys(poolDefaults) as PooledLogin[];
const services = SERVICES.map(({ login }) => login);
const cacheKinds = Object.keys(cacheTtlSeconds) as CacheKind[];

/**
 * What a stack puts out, as `pulumi stack output --json --show-secrets` prints it. Names are stable; parts
 * may be added, which is why unknown ones are let pass. Ports are numbers, TTLs seconds.
 */
export const stackOutputsSchema = z.object({
  /** Starts the name of every container, volume and network of the stack: `<prefix>-postgres-1`. */
  prefix: z.string().min(1),
  /** The machines that carry the containers; `docker` is the engine's endpoint. */
  hosts: z
    .array(z.object({ name: z.string().min(1), docker: z.string().min(1), address: z.string().min(1) }))
    .min(1),
  /** Writes: the primary, through PgBouncer. */
  writer: endpoint,
  /** Every PgBouncer: each takes all clients, and has its share of the server connections, so clients are spread over all. */
  poolers: z.array(address).min(1),
  /** Reads from replicas, through PgBouncer. Do not decide on permissions from them: they lag. */
  reader: endpoint,
  /**
   * For each login its URLs (secret) and its pool. As `secrets.rotation` is raised, the user in the URL alternates between
   * the login and `<login>_2`, which may do the same; the one before stays valid until the next time.
   */
  services: z.record(z.enum(logins), readConnections.extend({ pool })),
  /** For exporters, as `acgs_monitor` (secret). */
  monitor: connections,
  /** Every server of the stack speaks TLS and shows a certificate that this authority has signed. */
  tls: z.object({
    /** PEM: what clients check servers against (libpq's `sslrootcert`). */
    authority: z.string().startsWith("-----BEGIN CERTIFICATE-----"),
    /** When it ends, as `2036-11-18T21:00:00.000Z`. */
    authorityEndsAt: z.iso.datetime(),
    /** When the first of the servers' certificates ends; `up` makes them anew long before. */
    certificatesEndAt: z.iso.datetime(),
  }),
  /** For people who look, as `acgs_readonly` (secret): the primary, and the replicas. */
  readonly: readConnections,
  postgres: z.object({
    /** Such as `15.20`. */
    version: z.string().regex(/^15\.\d+$/),
    /** The servers themselves, past PgBouncer and HAProxy; `rest` is Patroni's API, such as `https://127.0.0.1:8008`. */
    members: z
      .array(address.extend({ name: z.string().min(1), rest: z.url({ protocol: /^https$/ }) }))
      .min(1),
    /** What the program set, by name, as PostgreSQL writes it. */
    parameters: z.record(z.string(), z.string()),
    /** Parameters whose new value waits for a restart, by member. */
    pendingRestart: z.array(
      z.object({ member: z.string(), parameter: z.string(), current: z.string(), wanted: z.string() }),
    ),
  }),
  redis: z.object({
    version: z.string().regex(/^7\.\d+\.\d+$/),
    /** Enough for a cluster client to find all others. */
    nodes: z.array(address).min(3),
    username: z.string().min(1),
    /** Secret. */
    password: z.string().min(1),
    /**
     * A user for each service: it reaches keys and channels whose names begin with its prefix, such as `dgm:`. The
     * password (secret) is that of its URL, and the one before is valid as long as there; `ttl` are the kinds of values
     * that it caches, in seconds.
     */
    users: z.record(
      z.enum(services),
      z.object({
        username: z.string().min(1),
        password: z.string().min(1),
        keyPrefix: z.string().regex(/^[a-z]+:$/),
        ttl: z.partialRecord(z.enum(cacheKinds), z.int().min(1)),
      }),
    ),
  }),
  /** How long each kind of value may be cached, in seconds. */
  cache: z.record(z.enum(cacheKinds), z.int().min(1)),
  sql: z.object({
    applied: z.array(sqlFile),
    /** Files that are not applied; empty after an `up` that succeeded. */
    pending: z.array(sqlFile),
  }),
});

/** What {@link stackOutputsSchema} describes. */
export type StackOutputs = z.infer<typeof stackOutputsSchema>;

export interface Address {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** The parts of a URL for several servers. */
export interface MultiHostConnection {
  readonly login: string;
  readonly password: string;
  /** At least one. */
  readonly addresses: readonly Address[];
  readonly database: string;
  /** libpq's parameters, such as `application_name`. */
  readonly options?: Readonly<Record<string, string>>;
}

/** The parts of a connection URL. */
export type Connection = Omit<MultiHostConnection, "addresses"> & Address;

/**
 * A `postgresql://` URL in which every part is percent-encoded: libpq (RFC 3986) takes it, and so do URL
 * parsers. A space becomes `%20`, because libpq does not read `+` as one.
 *
 * @throws RangeError for what no client could send: NUL and halves of characters. The value is not in its message
 */
export function connectionUrl({ host, port, ...others }: Connection): string {
  return multiHostUrl({ ...others, addresses: [{ host, port }] });
}

/** The same with a list of servers, as libpq takes it: `postgresql://login:password@host:port,host:port/database`. */
export function multiHostUrl({
  login,
  password,
  addresses,
  database,
  options = {},
}: MultiHostConnection): string {
  const host = addresses.map((one) => one.host).join(",");
  for (const [part, text] of Object.entries({ login, password, host, database, ...options })) {
    if (!isStorableText(text)) {
      throw new RangeError(
        `A connection URL cannot hold the ${part}: there is NUL or half a character in it.`,
      );
    }
  }
  const user = `${encodeURIComponent(login)}:${encodeURIComponent(password)}`;
  const where = addresses.map((one) => `${hostInUrl(one.host)}:${one.port}`).join(",");
  const query = Object.entries(options)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
  const path = encodeURIComponent(database);
  return `postgresql://${user}@${where}/${path}${query === "" ? "" : `?${query}`}`;
}

function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : encodeURIComponent(host);
}

import { assertIdentifier } from "../../lib/text/identifier.ts";

/** One `[databases]` entry of PgBouncer: what clients connect to, and what it costs the server. */
export interface Pool {
  /** Routers inside the network; several are used in turn. */
  hosts: string[];
  port: number;
  /** Database on the server. */
  database: string;
  /** Server connections for one user of this entry. */
  size: number;
  /** Further server connections for clients that wait too long. */
  reserve: number;
  /** Server connections of this entry over all its users. */
  maxConnections: number;
  /** Clients that may be connected to this entry. */
  maxClients: number;
  /** Age in seconds at which a server connection is replaced, once it is idle; that of all entries when left out. */
  lifetime?: number;
}

/**
 * The part of PgBouncer's configuration that is changed by a reload: `[databases]`, one line a pool.
 *
 * `max_db_connections` bounds an entry over all its users, so that the sum which the configuration was
 * checked against (`max_connections`) is what can be reached.
 *
 * @throws RangeError for a name that the file cannot hold
 */
export function renderPools(pools: Record<string, Pool>): string {
  const lines = Object.entries(pools).map(([name, pool]) => {
    for (const word of [name, pool.database, ...pool.hosts]) assertIdentifier(word, "PgBouncer");
    const settings = {
      host: hostList(pool.hosts),
      port: pool.port,
      dbname: pool.database,
      pool_size: pool.size,
      reserve_pool_size: pool.reserve,
      max_db_connections: pool.maxConnections,
      max_db_client_connections: pool.maxClients,
      ...(pool.lifetime !== undefined && { server_lifetime: pool.lifetime }),
    };
    return `${name} = ${Object.entries(settings)
      .map(([key, value]) => `${key}=${value}`)
      .join(" ")}`;
  });
  return ["[databases]", ...lines, ""].join("\n");
}

/**
 * The `host` of an entry. Where it has several, PgBouncer 1.24 asks for a certificate of the whole list, not of the one it
 * connects to: so the members' certificates name this, too.
 */
export function hostList(hosts: readonly string[]): string {
  return hosts.join(",");
}

/** Reads back what {@link renderPools} wrote; a line of another form is left out. */
export function parsePools(file: string): Record<string, Pool> {
  const pools: Record<string, Pool> = {};
  for (const line of file.split("\n")) {
    const [, name, rest] = /^(\S+) = (.+)$/.exec(line) ?? [];
    if (!name || !rest) continue;
    const settings = new Map(rest.split(" ").map((word) => word.split("=", 2) as [string, string]));
    const number = (key: string) => Number(settings.get(key));
    pools[name] = {
      hosts: settings.get("host")?.split(",") ?? [],
      port: number("port"),
      database: settings.get("dbname") ?? "",
      size: number("pool_size"),
      reserve: number("reserve_pool_size"),
      maxConnections: number("max_db_connections"),
      maxClients: number("max_db_client_connections"),
      ...(settings.has("server_lifetime") && { lifetime: number("server_lifetime") }),
    };
  }
  return pools;
}

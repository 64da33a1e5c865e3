import { CLIENT_LOGINS, MONITOR_LOGIN, READONLY_LOGIN } from "../../lib/names.ts";
import type { StackConfiguration } from "./stackConfiguration.ts";
import type { Pool } from "./defaults.ts";
import { configSet, type ConfigIssue, keyOf, shown } from "./configIssue.ts";

/** One line of the sum of server connections. */
export interface Demand {
  readonly what: string;
  readonly connections: number;
  /** How the number comes about, where it is not plain. */
  readonly because?: string;
}

/**
 * Who may use `acgs_db_ro`. Each has a pool of its own there. Second logins are not counted, here or anywhere in the sum:
 * `max_db_connections` bounds an entry of PgBouncer over all its users, and PgBouncer closes idle connections of one user
 * for those of another, so the two share what the first has. The same clients go past PgBouncer, by the one or the other.
 */
export const READER_LOGINS: readonly string[] = [...CLIENT_LOGINS, READONLY_LOGIN, MONITOR_LOGIN];

/**
 * Connections that are kept free for others than the pools, per member. Streaming replication is not among
 * them: since PostgreSQL 12 `max_wal_senders` is apart from `max_connections`.
 */
export const reservedConnections = {
  /** `superuser_reserved_connections`: the operator's way in when all else is taken. */
  superuser: 3,
  /** Patroni's own, its REST API's, and pg_rewind from another member. */
  patroni: 4,
  /** `acgs_monitor`, directly. */
  monitor: 3,
  /** The PostgreSQL provider, at most 8, and the SQL runner during `pulumi up`. */
  deployment: 10,
  /** Jobs of pg_cron that run at once. */
  cron: 5,
  /** `auth_query`, for each PgBouncer. */
  authQueryPerPgbouncer: 2,
} as const;

/** Client connections that one PgBouncer takes over all its pools. */
export const CLIENTS_PER_PGBOUNCER = 5000;

/** What one PgBouncer gets of server connections that all share: rounded up, so that nobody gets none. */
export function shareOf(connections: number, instances: number): number {
  return Math.ceil(connections / instances);
}

/**
 * The most server connections that one member may have to take: all pools full, reserves included, and the
 * replicas gone, so that reads fall back to the primary.
 */
export function connectionDemand({ pgbouncer }: Pick<StackConfiguration, "pgbouncer">): Demand[] {
  const { instances, pools, reader } = pgbouncer;
  const kept = reservedConnections;
  return [
    ...Object.entries(pools).map(([login, pool]) => poolDemand(login, pool, instances)),
    {
      what: "acgs_db_ro",
      connections: full(reader, instances) * instances * READER_LOGINS.length,
      because: `${READER_LOGINS.length} logins × ${split(reader, instances)}`,
    },
    { what: "superuser (superuser_reserved_connections)", connections: kept.superuser },
    { what: "Patroni, its REST API and pg_rewind", connections: kept.patroni },
    { what: "monitoring", connections: kept.monitor },
    { what: "deployment: roles, grants and SQL", connections: kept.deployment },
    { what: "scheduled jobs (pg_cron)", connections: kept.cron },
    {
      what: "PgBouncer's auth_query",
      connections: kept.authQueryPerPgbouncer * instances,
      because: `${instances} × ${kept.authQueryPerPgbouncer}`,
    },
  ];
}

/** The pools must fit the server: PgBouncer opens connections until its pools are full, and a refusal hits anyone. */
export function connectionFaults(configuration: StackConfiguration): ConfigIssue[] {
  const { maxConnections } = configuration.postgres;
  const demand = connectionDemand(configuration);
  const sum = demand.reduce((total, line) => total + line.connections, 0);
  if (sum <= maxConnections) return [];
  return [
    {
      key: keyOf(["postgres", "maxConnections"]),
      value: shown(maxConnections),
      allowed: [
        `at least ${sum}, or smaller pools:`,
        ...demand.map(line),
        line({ what: "sum", connections: sum }),
      ].join("\n"),
      remedy: `${configSet(["postgres", "maxConnections"], sum)}\nor lower sizes and reserves under ${keyOf(["pgbouncer"])}`,
    },
  ];
}

function poolDemand(login: string, pool: Pool, instances: number): Demand {
  return { what: login, connections: full(pool, instances) * instances, because: split(pool, instances) };
}

/** The server connections that one of so many PgBouncers opens for a pool, its reserve included. */
export function full(pool: Pool, instances: number): number {
  return shareOf(pool.size, instances) + shareOf(pool.reserve, instances);
}

function split(pool: Pool, instances: number): string {
  const one = `(${shareOf(pool.size, instances)} + ${shareOf(pool.reserve, instances)} in reserve)`;
  return instances === 1 ? one : `${instances} PgBouncers × ${one}`;
}

function line({ what, connections, because }: Demand): string {
  return `${String(connections).padStart(5)}  ${what}${because === undefined ? "" : `: ${because}`}`;
}

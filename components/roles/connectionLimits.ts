import type { StackConfiguration } from "../stack/stackConfiguration.ts";
import { full, reservedConnections } from "../stack/connections.ts";
import {
  APPLICATION_LOGIN,
  CLIENT_LOGINS,
  LOGIN_ACCOUNTS,
  MONITOR_LOGIN,
  PGBOUNCER_LOGIN,
  READONLY_LOGIN,
  rotationLogin,
} from "../../lib/names.ts";

/** A PgBouncer that is replaced may still hold its connections while the new one opens its own. */
const WHILE_REPLACED = 2;
/** Sessions past PgBouncer: people, and jobs of pg_cron. */
const STRAIGHT = 5;
/** What one login may take of `max_connections`: whatever it does, the others are served. */
const LARGEST_SHARE = 0.75;

/**
 * How many sessions each login may have on a server at once (`CONNECTION LIMIT` of its role).
 *
 * A service's is the number of clients that its pool takes (the requirements' `max_connections`), and never less than
 * twice what PgBouncer opens for it, so that a login which goes past the pooler is stopped, and the pooler never is. A
 * second login has that of the first: while clients change over, either may carry all of them.
 */
export function connectionLimits({
  postgres,
  pgbouncer,
}: Pick<StackConfiguration, "postgres" | "pgbouncer">): Record<string, number> {
  const { instances, reader } = pgbouncer;
  const pools: Readonly<Record<string, typeof reader>> = pgbouncer.pools;
  const most = Math.floor(LARGEST_SHARE * postgres.maxConnections);
  const opened = (pool: typeof reader) => WHILE_REPLACED * instances * full(pool, instances);
  const readers = opened(reader) + STRAIGHT;
  // Through the entry of the application: the size of its pool is for each user.
  const people = opened(pools[APPLICATION_LOGIN]!) + readers;
  const limits: Record<string, number> = {
    ...Object.fromEntries(
      CLIENT_LOGINS.map((login) => {
        const pool = pools[login]!;
        return [login, Math.max(pool.maxClients, opened(pool)) + readers];
      }),
    ),
    [READONLY_LOGIN]: people,
    [MONITOR_LOGIN]: people,
    [PGBOUNCER_LOGIN]: WHILE_REPLACED * instances * reservedConnections.authQueryPerPgbouncer + STRAIGHT,
  };
  const twins = Object.fromEntries(LOGIN_ACCOUNTS.map((login) => [rotationLogin(login), limits[login]!]));
  return Object.fromEntries(
    Object.entries({ ...limits, ...twins }).map(([login, limit]) => [login, Math.min(limit, most)]),
  );
}

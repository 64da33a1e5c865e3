import { Cluster } from "ioredis";
import type pg from "pg";
import { inSession, type NetworkConnection } from "../lib/postgres/session.ts";
import type { StackOutputs } from "../components/stack/outputs.ts";

/** Where {@link query} asks: a URL, or what it consists of. */
type At = NetworkConnection["at"];

/** Runs statements over one connection, and gives the rows of the last. */
export async function query<R extends pg.QueryResultRow>(at: At, ...statements: string[]): Promise<R[]> {
  return inSession({ at }, async (client) => {
    let rows: R[] = [];
    for (const statement of statements) ({ rows } = await client.query<R>(statement));
    return rows;
  });
}

/** One value. */
export async function valueOf(at: At, statement: string): Promise<unknown> {
  const [row] = await query(at, statement);
  return Object.values(row ?? {})[0];
}

/** The URL of a login, past PgBouncer, at one member. */
export function direct(url: string, member: { host: string; port: number }, database = "acgs_db"): string {
  const changed = new URL(url);
  changed.host = `${member.host}:${member.port}`;
  changed.pathname = `/${database}`;
  return changed.href;
}

/** A client that is given nothing but the stack's outputs. */
export function redisClient({ redis }: StackOutputs): Cluster {
  return new Cluster(redis.nodes, {
    redisOptions: { username: redis.username, password: redis.password, tls: {} },
    clusterRetryStrategy: (times) => Math.min(times * 200, 2000),
  });
}

import { Cluster } from "ioredis";
import pg from "pg";
import type { StackOutputs } from "../components/stack/outputs.ts";

/** Runs statements over one connection, and gives the rows of the last. */
export async function query<R extends pg.QueryResultRow>(
  connection: string | pg.ClientConfig,
  ...statements: string[]
): Promise<R[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    let rows: R[] = [];
    for (const statement of statements) rows = (await client.query<R>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** One value. */
export async function valueOf(connection: string | pg.ClientConfig, statement: string): Promise<unknown> {
  const [row] = await query(connection, statement);
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

/** Waits for a condition; the limit is there so that a test that cannot succeed ends. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + 120_000;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`Not within two minutes: ${what}`, { cause: last });
}

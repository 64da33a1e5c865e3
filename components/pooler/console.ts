import pg from "pg";
import { POOLER_LOGIN } from "../access/logins.ts";
import type { ContainerAddress } from "../docker.ts";
import { type Trusted, verifiedTls } from "../security/trust.ts";

/** One PgBouncer: its container on an engine, and where its console is reached. */
export interface PoolerInstance extends ContainerAddress, Trusted {
  host: string;
  port: number;
}

/** Runs one command on PgBouncer's console. @throws where it does not answer, with no password in the message */
export async function onConsole<Row extends pg.QueryResultRow>(
  instance: PoolerInstance,
  password: string,
  command: string,
): Promise<Row[]> {
  const { host, port } = instance;
  const client = new pg.Client({
    host,
    port,
    ssl: verifiedTls(host, instance),
    user: POOLER_LOGIN,
    password,
    database: "pgbouncer",
    connectionTimeoutMillis: 5_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(command)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

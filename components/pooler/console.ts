import pg from "pg";
import { POOLER_LOGIN } from "../access/logins.ts";
import type { ContainerAddress } from "../docker.ts";

/** One PgBouncer: its container on an engine, and where its console is reached. */
export interface PoolerInstance extends ContainerAddress {
  host: string;
  port: number;
}

/** Runs one command on PgBouncer's console. @throws where it does not answer, with no password in the message */
export async function onConsole<Row extends pg.QueryResultRow>(
  { host, port }: PoolerInstance,
  password: string,
  command: string,
): Promise<Row[]> {
  const client = new pg.Client({
    host,
    port,
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

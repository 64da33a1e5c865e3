import pg from "pg";
import { POOLER_LOGIN } from "../access/logins.ts";
import type { ContainerAddress } from "../docker.ts";
import { type Trusted, verifiedTls } from "../security/trust.ts";

/** One PgBouncer: its container on an engine, and where its console is reached. */
export interface PoolerInstance extends ContainerAddress, Trusted {
  host: string;
  port: number;
}

/** Runs one command on an open console. */
export type RunOnConsole = <Row extends pg.QueryResultRow>(command: string) => Promise<Row[]>;

/** Runs one command on PgBouncer's console. @throws where it does not answer, with no password in the message */
export async function onConsole<Row extends pg.QueryResultRow>(
  instance: PoolerInstance,
  password: string,
  command: string,
): Promise<Row[]> {
  return atConsole(instance, password, (run) => run<Row>(command));
}

/** Runs commands on PgBouncer's console, over one connection. @throws as {@link onConsole} does */
export async function atConsole<T>(
  instance: PoolerInstance,
  password: string,
  act: (run: RunOnConsole) => Promise<T>,
): Promise<T> {
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
    return await act(async <Row extends pg.QueryResultRow>(command: string) => {
      return (await client.query<Row>(command)).rows;
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

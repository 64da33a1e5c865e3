import type pg from "pg";
import { PGBOUNCER_LOGIN } from "./names.ts";
import type { ContainerAddress } from "./docker/client.ts";
import { closeSession, openSession } from "./postgres/session.ts";
import { type Trusted, verifiedTls } from "./trust.ts";

/** One PgBouncer: its container on an engine, and where its console is reached. */
export interface PgBouncerInstance extends ContainerAddress, Trusted {
  host: string;
  port: number;
}

/** What PgBouncer says of a wrong password; its code is that of many errors. */
const REFUSED = "SASL authentication failed";

/** Runs one command on an open console. */
export type RunOnConsole = <Row extends pg.QueryResultRow>(command: string) => Promise<Row[]>;

/** Runs one command on PgBouncer's console. @throws as {@link atConsole} does */
export async function onConsole<Row extends pg.QueryResultRow>(
  instance: PgBouncerInstance,
  passwords: readonly string[],
  command: string,
): Promise<Row[]> {
  return atConsole(instance, passwords, (run) => run<Row>(command));
}

/**
 * Runs commands on PgBouncer's console, over one connection.
 *
 * @param passwords  tried in this order: a PgBouncer that is about to take a new one has the former still
 * @throws where it does not answer, with no password in the message
 */
export async function atConsole<T>(
  instance: PgBouncerInstance,
  passwords: readonly string[],
  act: (run: RunOnConsole) => Promise<T>,
): Promise<T> {
  const client = await login(instance, passwords);
  try {
    return await act(async <Row extends pg.QueryResultRow>(command: string) => {
      return (await client.query<Row>(command)).rows;
    });
  } finally {
    await closeSession(client);
  }
}

async function login(
  instance: PgBouncerInstance,
  [password = "", ...others]: readonly string[],
): Promise<pg.Client> {
  const { host, port } = instance;
  const ssl = verifiedTls(host, instance);
  const at = { host, port, ssl, user: PGBOUNCER_LOGIN, password, database: "pgbouncer" };
  try {
    return await openSession({ at }, { connectWithinMs: 5_000 });
  } catch (error) {
    if (others.length === 0 || !(error as Error).message.includes(REFUSED)) throw error;
    return login(instance, others);
  }
}

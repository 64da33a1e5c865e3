import pg from "pg";
import type { EventEmitter } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { ContainerAddress } from "../docker/client.ts";
import { type SessionConfig, superuserClient } from "./localSocket.ts";

/** The database of a cluster, as its superuser over the local socket of whichever member is the primary. */
export interface ClusterConnection {
  database: string;
  /** By name. */
  members: Record<string, ContainerAddress>;
}

/** A single server at an address, in plain: for tests and measurements, which open hundreds of sessions. */
export interface ServerConnection {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
}

/** Where SQL is run, without a transaction pooler between: the advisory lock is a session's. */
export type SqlConnection = ClusterConnection | ServerConnection;

/** A server that takes connections answers at once. In ms. */
const ANSWER_WITHIN = 10_000;

/** Codes of a server that is starting, stopping or just failing over: it is worth another try. */
const COMING_UP = new Set(["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EPIPE", "57P03", "57P01", "53300"]);

/** Whether nobody answers at this address, or only a server that is not ready. */
export function isUnreachable(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return COMING_UP.has(code ?? "") || /Connection terminated|timeout expired/.test(message ?? "");
}

/**
 * Opens a session on the primary.
 *
 * @param patienceMs how long to try again while the server is starting or failing over, in ms
 * @throws Error that names the members, or the address, and the remedy; a password is in no message
 */
export async function openSession(
  connection: SqlConnection,
  patienceMs: number,
  log: (line: string) => void,
  applicationName = "acgs-db SQL runner",
): Promise<pg.Client> {
  const deadline = Date.now() + patienceMs;
  const config = {
    database: connection.database,
    application_name: applicationName,
    // The audit log names each command and object. The text would be the whole file, for each of a file's statements; the
    // ledger has the file's hash.
    options: "-c pgaudit.log_statement=off",
    connectionTimeoutMillis: 10_000,
    // What is sent without waiting for the answer before it shares a round trip.
    pipeline: true,
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return await ("members" in connection
        ? primaryOf(connection.members, config)
        : serverAt(connection, config));
    } catch (error) {
      const where = inWords(connection);
      if (!isUnreachable(error) || Date.now() >= deadline) {
        throw new Error(
          `cannot connect to ${where}: ${(error as Error).message || (error as { code?: string }).code}. ` +
            "Is the primary up? `npm run report` and `docker logs` of the members tell.",
          { cause: error },
        );
      }
      if (attempt === 1) log(`waiting for ${where}`);
      await pause(1_000);
    }
  }
}

/**
 * Does something in a session on the primary that ends with it.
 *
 * @param patienceMs  as {@link openSession} takes it
 * @throws what `act` throws, or where no session is opened
 */
export async function inSession<T>(
  connection: SqlConnection,
  act: (client: pg.Client) => Promise<T>,
  options: { patienceMs?: number; log?: (line: string) => void; applicationName?: string } = {},
): Promise<T> {
  const { patienceMs = 0, log = () => undefined, applicationName } = options;
  const client = await openSession(connection, patienceMs, log, applicationName);
  try {
    return await act(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function inWords(connection: SqlConnection): string {
  if ("members" in connection) {
    return `${connection.database} on the primary among ${Object.keys(connection.members).join(", ")}`;
  }
  return `${connection.host}:${connection.port}/${connection.database} as ${connection.user}`;
}

async function serverAt(connection: ServerConnection, config: SessionConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...connection, ...config, keepAlive: true });
  // A connection that breaks rejects the running query too; without a listener it would end the process.
  client.on("error", () => undefined);
  return connected(client);
}

/** A session on the member that is no replica. @throws the first member's error, where none answers that is no replica */
async function primaryOf(
  members: Record<string, ContainerAddress>,
  config: SessionConfig,
): Promise<pg.Client> {
  const faults: Error[] = [];
  for (const address of Object.values(members)) {
    try {
      const client = await connected(superuserClient(address, config));
      if (await isPrimary(client)) return client;
    } catch (error) {
      faults.push(error as Error);
    }
  }
  // One that refuses for good says more than one that is away.
  throw faults.find((fault) => !isUnreachable(fault)) ?? faults[0] ?? noPrimary();
}

function noPrimary(): Error {
  return Object.assign(new Error("all members are replicas"), { code: "ECONNREFUSED" });
}

async function connected(client: pg.Client): Promise<pg.Client> {
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** Leaves no session behind on a server that is not. @throws where it does not answer in time */
async function isPrimary(client: pg.Client): Promise<boolean> {
  let primary = false;
  try {
    const asked = client.query<{ replica: boolean }>("SELECT pg_is_in_recovery() AS replica");
    const { rows } = await answeredWithin(ANSWER_WITHIN, asked);
    primary = !rows[0]!.replica;
    return primary;
  } finally {
    if (!primary) client.connection.stream.destroy();
  }
}

async function answeredWithin<T>(ms: number, answer: Promise<T>): Promise<T> {
  const timeout = new AbortController();
  const late = pause(ms, undefined, { signal: timeout.signal }).then(() => {
    throw new Error("timeout expired");
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    timeout.abort();
    late.catch(() => undefined);
    answer.catch(() => undefined);
  }
}

/**
 * Writes on each error how many commands of its message were completed before it, as `commandsDone`: that tells
 * which statement failed. It is written as the error comes in, because answers to what was sent ahead follow.
 */
export function countCommands(client: pg.Client): void {
  let count = 0;
  const mark = (error: Error & { commandsDone?: number }): void => void (error.commandsDone ??= count);
  const { connection } = client as unknown as { connection: EventEmitter };
  connection.on("commandComplete", () => count++);
  connection.on("errorMessage", mark);
  connection.on("readyForQuery", () => (count = 0));
  // A connection that breaks.
  client.on("error", mark);
}

/**
 * Sends several messages at once and waits for all answers: one round trip. Each is a message of its own, so a
 * later one runs although an earlier one has failed.
 *
 * @throws the first message's error that failed
 */
export async function together(client: pg.Client, ...messages: string[]): Promise<pg.QueryResult[]> {
  const outcomes = await Promise.allSettled(messages.map((message) => client.query(message)));
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

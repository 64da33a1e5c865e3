import pg from "pg";
import type { EventEmitter } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { verifiedTls } from "../security/trust.ts";

/** Where the primary is reached, without a transaction pooler between: the advisory lock is a session's. */
export interface SqlConnection {
  host: string;
  port: number;
  database: string;
  user: string;
  /** Checks the server's certificate (PEM). Without it the connection is in plain: for a server of a test. */
  authority?: string;
}

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
 * @throws Error that names address and remedy; the password is in no message
 */
export async function openSession(
  connection: SqlConnection,
  password: string,
  patienceMs: number,
  log: (line: string) => void,
  applicationName = "acgs-db SQL runner",
): Promise<pg.Client> {
  const deadline = Date.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    const { authority, ...address } = connection;
    const client = new pg.Client({
      ...address,
      ...(authority !== undefined && { ssl: verifiedTls(address.host, { authority }) }),
      password,
      application_name: applicationName,
      // The audit log names each command and object. Its text would be the whole file, for each of the file's statements;
      // the ledger has the file's hash.
      options: "-c pgaudit.log_statement=off",
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      // What is sent without waiting for the answer before it shares a round trip.
      pipeline: true,
    });
    // A connection that breaks rejects the running query too; without a listener it would end the process.
    client.on("error", () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const address = `${connection.host}:${connection.port}/${connection.database} as ${connection.user}`;
      if (!isUnreachable(error) || Date.now() >= deadline) {
        throw new Error(
          `cannot connect to ${address}: ${(error as Error).message || (error as { code?: string }).code}. ` +
            `Is the leader up and reached there, and is the password the one of this stack?`,
          { cause: error },
        );
      }
      if (attempt === 1) log(`waiting for ${address}`);
      await pause(1_000);
    }
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

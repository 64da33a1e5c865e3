import pg from "pg";
import { setTimeout as pause } from "node:timers/promises";

/** Where the primary is reached, without a transaction pooler between: the advisory lock is a session's. */
export interface SqlConnection {
  host: string;
  port: number;
  database: string;
  user: string;
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
): Promise<pg.Client> {
  const deadline = Date.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({
      ...connection,
      password,
      application_name: "acgs-db SQL runner",
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
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

/** Counts the commands that a session has completed: tells which statement of a message failed. */
export function commandCounter(client: pg.Client): { restart(): void; completed(): number } {
  let count = 0;
  const { connection } = client as unknown as {
    connection: { on(event: "commandComplete", listener: () => void): void };
  };
  connection.on("commandComplete", () => count++);
  return { restart: () => (count = 0), completed: () => count };
}

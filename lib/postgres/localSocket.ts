import pg from "pg";
import { SUPERUSER } from "../names.ts";
import type { ContainerAddress } from "../docker/client.ts";
import { ServerSocket } from "../docker/serverSocket.ts";

/** What differs between sessions; see `pg.ClientConfig`. Times in ms. */
export type SessionConfig = Pick<
  pg.ClientConfig,
  "database" | "application_name" | "options" | "query_timeout" | "connectionTimeoutMillis" | "pipeline"
>;

/**
 * A client that is the superuser of the server in a container, over the server's local socket: no port takes the superuser,
 * and there is no password that could be lost. Who may run `docker exec` there owns the server anyway.
 *
 * A server that is not there rejects `connect()` with the code `ECONNREFUSED`, as over a network; one that goes away under
 * a session, what runs with `ECONNRESET`.
 */
export function superuserClient(address: ContainerAddress, config: SessionConfig): pg.Client {
  const client = new pg.Client({
    connectionTimeoutMillis: 10_000,
    ...config,
    user: SUPERUSER,
    // Not what the environment says.
    ssl: false,
    stream: () => new ServerSocket(address),
  });
  // A server that goes down ends the session; the query that runs is rejected all the same.
  client.on("error", () => undefined);
  return client;
}

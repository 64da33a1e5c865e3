import type pg from "pg";
import { closeSession, openSession } from "../lib/postgres/session.ts";
import type { SeedServer } from "./seedServer.ts";

/** One connection, as the superuser: for what is timed without the time to connect. */
export class Session {
  private readonly client: pg.Client;

  private constructor(client: pg.Client) {
    this.client = client;
  }

  static async open(server: SeedServer): Promise<Session> {
    const { database, user, password, port } = server;
    return new Session(await openSession({ at: { host: "127.0.0.1", port, database, user, password } }));
  }

  async rows<Row extends Record<string, unknown>>(statement: string): Promise<Row[]> {
    return (await this.client.query<Row>(statement)).rows;
  }

  /** Duration of one statement, or several in one message, in ms. */
  async timed(statement: string): Promise<number> {
    const begun = performance.now();
    await this.client.query(statement);
    return performance.now() - begun;
  }

  async close(): Promise<void> {
    await closeSession(this.client);
  }
}

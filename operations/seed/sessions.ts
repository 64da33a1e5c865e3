import type pg from "pg";

/** Opens a session of a login. It must not be one that others use: it is ended by whoever asked for it. */
export type Connect = (login: string) => Promise<pg.Client>;

/** One session of each login, opened when it is first needed. */
export class Sessions {
  private readonly connect: Connect;
  private readonly clients = new Map<string, Promise<pg.Client>>();

  constructor(connect: Connect) {
    this.connect = connect;
  }

  session(login: string): Promise<pg.Client> {
    let client = this.clients.get(login);
    if (!client) this.clients.set(login, (client = this.connect(login)));
    return client;
  }

  async end(): Promise<void> {
    for (const client of this.clients.values()) await client.then((one) => one.end()).catch(() => undefined);
    this.clients.clear();
  }
}

import { createConnection } from "node:net";

/** The first message of PostgreSQL's protocol that a server answers before it knows who asks: a length, and a number. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]);
const ANSWERS_WITHIN = 5_000;

/**
 * Whether a PostgreSQL server answers at an address. It takes no password, and a router without a server behind it does not
 * pass for one.
 *
 * @returns why not; undefined when it does
 */
export function whySilent(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: ANSWERS_WITHIN });
    const end = (why: string | undefined) => {
      resolve(why && `${host}:${port} does not answer (${why})`);
      socket.destroy();
    };
    socket.on("connect", () => socket.write(SSL_REQUEST));
    socket.on("data", () => end(undefined));
    socket.on("timeout", () => end("no answer in time"));
    socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.on("close", () => end("no server is behind it"));
  });
}

import { connect } from "node:net";

/** What a client says first that knows nothing of TLS. */
export const FIRST_WORDS = {
  /** Startup message of protocol 3.0: user `postgres`, database `postgres`. */
  postgresql: startup({ user: "postgres", database: "postgres" }),
  http: Buffer.from("GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n"),
  redis: Buffer.from("PING\r\n"),
};

function startup(parameters: Record<string, string>): Buffer {
  const words = Buffer.from(`${Object.entries(parameters).flat().join("\0")}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + words.length, 0);
  head.writeInt32BE(3 << 16, 4);
  return Buffer.concat([head, words]);
}

/** What a server answers to words in plain until it hangs up, or for three seconds. */
export function inPlain(host: string, port: number, words: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ host, port }, () => socket.write(words));
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(done, 3_000);
    socket.on("data", (data) => (answer += data.toString("latin1")));
    socket.on("error", done);
    socket.on("close", done);
  });
}

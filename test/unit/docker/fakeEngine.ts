import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
type Exec = (socket: Socket) => void;

/** An HTTP server on a socket of its own, which answers as a test tells it. */
export class FakeEngine {
  readonly path = join(tmpdir(), `acgs-engine-${randomBytes(4).toString("hex")}.sock`);
  readonly endpoint = `unix://${this.path}`;
  /** Each request, as `GET /containers/json?all=true`. */
  readonly asked: string[] = [];
  readonly bodies: Buffer[] = [];
  answer: Answer = (_request, response) => response.writeHead(500).end();
  /** What happens on the connection of an exec that was started. */
  exec: Exec = (socket) => socket.end();
  /** Whether its container runs, to whoever asks. */
  runs = true;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor() {
    this.server = createServer((request, response) => {
      this.asked.push(`${request.method} ${request.url}`);
      void buffer(request).then((body) => {
        this.bodies.push(body);
        this.answer(request, response, body);
      });
    });
    this.server.on("connection", (socket: Socket) => this.sockets.add(socket));
    this.server.on("upgrade", (request: IncomingMessage, socket: Socket) => {
      this.asked.push(`${request.method} ${request.url}`);
      // The request's body is read with the stream.
      socket.once("data", () => undefined);
      socket.on("error", () => undefined);
      socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
      this.exec(socket);
    });
  }

  static async start(): Promise<FakeEngine> {
    const engine = new FakeEngine();
    await new Promise<void>((resolve) => engine.server.listen(engine.path, resolve));
    return engine;
  }

  /** Answers every request with this status and JSON. */
  answerWith(status: number, body: unknown): void {
    this.answer = (_request, response) => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    };
  }

  /** Makes and starts any exec, which ends with this status. */
  answerExec(status: number, exec: Exec): void {
    this.exec = exec;
    this.answer = ({ url }, response) => {
      const isState = url?.endsWith("/json");
      response.writeHead(isState ? 200 : 201, { "Content-Type": "application/json" });
      response.end(
        JSON.stringify(
          isState ? { Running: false, ExitCode: status, State: { Running: this.runs } } : { Id: "e1" },
        ),
      );
    };
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.path, { force: true });
  }
}

/** A piece of an exec's output, as an engine frames it. */
export function frame(stream: "stdout" | "stderr", data: string | Buffer): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream === "stdout" ? 1 : 2;
  header.writeUInt32BE(Buffer.byteLength(data), 4);
  return Buffer.concat([header, Buffer.from(data)]);
}

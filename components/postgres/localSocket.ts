import { type ChildProcessByStdio, spawn } from "node:child_process";
import { Duplex, type Readable, type Writable } from "node:stream";
import pg from "pg";
import { SUPERUSER } from "../access/logins.ts";
import { type ContainerAddress, notStarted } from "../docker.ts";

/** What differs between sessions; see `pg.ClientConfig`. Times in ms. */
export type SessionConfig = Pick<
  pg.ClientConfig,
  "database" | "application_name" | "options" | "query_timeout" | "connectionTimeoutMillis" | "pipeline"
>;

/**
 * A client that is the superuser of the server in a container, over the server's local socket: no port takes the superuser,
 * and there is no password that could be lost. Who may run `docker exec` there owns the server anyway.
 *
 * A server that is not there rejects `connect()` with the code `ECONNREFUSED`, as over a network.
 */
export function superuserClient(address: ContainerAddress, config: SessionConfig): pg.Client {
  const client = new pg.Client({
    connectionTimeoutMillis: 10_000,
    ...config,
    user: SUPERUSER,
    // Not what the environment says.
    ssl: false,
    stream: () => new LocalSocket(address),
  });
  // A server that goes down ends the session; the query that runs is rejected all the same.
  client.on("error", () => undefined);
  return client;
}

/** The local socket of a server in a container, in the place of the `net.Socket` that `pg` would open itself. */
class LocalSocket extends Duplex {
  private readonly address: ContainerAddress;
  private child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;

  constructor(address: ContainerAddress) {
    super({ allowHalfOpen: false });
    this.address = address;
  }

  connect(): this {
    const { docker, container } = this.address;
    const child = spawn("docker", ["--host", docker, "exec", "-i", container, "server-socket"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.child = child;
    const refusal: Buffer[] = [];
    child.stderr.on("data", (data: Buffer) => refusal.push(data));
    child.stdin.on("error", () => undefined); // the exit status tells
    child.stdout.on("data", (data: Buffer) => {
      if (!this.push(data)) child.stdout.pause();
    });
    child.on("spawn", () => this.emit("connect"));
    child.on("error", (error) => this.destroy(notStarted(error)));
    child.on("close", (status) => {
      if (status === 0) this.push(null);
      else this.destroy(refused(container, Buffer.concat(refusal).toString()));
    });
    return this;
  }

  override _read(): void {
    this.child?.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.child!.stdin.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.child?.stdin.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.child?.kill();
    done(error);
  }

  // What `pg` asks of a socket beside.
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    this.child?.ref();
    return this;
  }
  unref(): this {
    this.child?.unref();
    return this;
  }
}

function refused(container: string, message: string): Error {
  const why = message.trim().split("\n").at(-1) || "docker exec ended";
  return Object.assign(new Error(`${container}: ${why}`), { code: "ECONNREFUSED" });
}

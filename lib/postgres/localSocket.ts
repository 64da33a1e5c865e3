import { type ChildProcessByStdio, spawn } from "node:child_process";
import { Duplex, type Readable, type Writable } from "node:stream";
import pg from "pg";
import { SUPERUSER } from "../names.ts";
import { type ContainerAddress, notStarted } from "../docker.ts";
import { endpointOf } from "../hosts.ts";

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
    const child = spawn("docker", ["--host", endpointOf(docker), "exec", "-i", container, "socket-proxy"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.child = child;
    let isConnected = false;
    let complaint = "";
    child.stderr.on("data", (data: Buffer) => (complaint = (complaint + data.toString()).slice(-2000)));
    child.stdin.on("error", () => undefined); // the exit status tells
    child.stdout.on("data", (data: Buffer) => {
      isConnected = true;
      if (!this.push(data)) child.stdout.pause();
    });
    child.on("spawn", () => this.emit("connect"));
    child.on("error", (error) => this.destroy(notStarted(error)));
    child.on("close", (status) => {
      if (status === 0) this.push(null);
      else this.destroy(fault(container, complaint, isConnected));
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
    if (this.child) {
      this.child.kill();
      for (const pipe of [this.child.stdin, this.child.stdout, this.child.stderr]) pipe.destroy();
    }
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

/** What the engine, and `socket-proxy`, say where there is no server to connect to; it may come yet. */
const AWAY =
  /^no server at |no such container|is not running|is paused|is restarting|cannot connect to the docker daemon/im;

/** In the words of the engine, with the code that a network would give. Other faults have none: waiting does not help. */
export function fault(container: string, complaint: string, isConnected: boolean): Error {
  const why = complaint.trim().split("\n").at(-1) || "docker exec ended";
  const code = isConnected ? "ECONNRESET" : AWAY.test(complaint) ? "ECONNREFUSED" : undefined;
  return Object.assign(new Error(`${container}: ${why}`), code && { code });
}

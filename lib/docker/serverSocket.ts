import type { ContainerAddress } from "./client.ts";
import { CommandFailed, DockerError, EngineUnreachable, NotFound, NotRunning } from "./errors.ts";
import { ExecStream } from "./execStream.ts";

/**
 * The local socket of a PostgreSQL server in a container, in the place of the `net.Socket` that `pg` would open itself:
 * `new pg.Client({ stream: () => new ServerSocket(address), ssl: false, … })`.
 *
 * Where there is no server to connect to, it fails with the code `ECONNREFUSED`, and where that goes away, with
 * `ECONNRESET`, as a network would. Errors without a code are not mended by waiting.
 */
export class ServerSocket extends ExecStream {
  private isConnected = false;

  constructor(address: ContainerAddress) {
    super(address, ["socket-proxy"]);
  }

  connect(): this {
    return this.open();
  }

  override push(chunk: Buffer | null): boolean {
    this.isConnected ||= chunk !== null;
    return super.push(chunk);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    super._destroy(error, () => done(error && asOfNetwork(this.address.container, error, this.isConnected)));
  }

  // What `pg` asks of a socket beside.
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
}

/** What `socket-proxy` says where there is no server; it may come yet. */
const NO_SERVER = /^no server at /m;

/** With the code that a network would give. */
export function asOfNetwork(container: string, error: Error, isConnected: boolean): Error {
  const code = codeOf(error, isConnected);
  const why = error instanceof CommandFailed ? error.complaint : undefined;
  const message = `${container}: ${why?.split("\n").at(-1) || error.message}`;
  return Object.assign(new Error(message, { cause: error }), code && { code });
}

function codeOf(error: Error, isConnected: boolean): string | undefined {
  if (error instanceof CommandFailed && [126, 127].includes(error.status)) return undefined;
  if (isConnected) return "ECONNRESET";
  if (error instanceof NotFound || error instanceof NotRunning) return "ECONNREFUSED";
  if (error instanceof EngineUnreachable) return isForbidden(error) ? undefined : "ECONNREFUSED";
  if (error instanceof CommandFailed) return NO_SERVER.test(error.complaint) ? "ECONNREFUSED" : undefined;
  return error instanceof DockerError ? undefined : (error as NodeJS.ErrnoException).code;
}

function isForbidden({ code }: EngineUnreachable): boolean {
  return code === "EACCES" || code === "EPERM";
}

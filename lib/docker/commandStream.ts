import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { ContainerAddress } from "./client.ts";
import { demultiplexer } from "./demultiplex.ts";
import { CommandFailed, EngineUnreachable } from "./errors.ts";

const COMPLAINT_LENGTH = 2_000;
/** Exit statuses of a command that the container's runtime could not start. */
const NOT_STARTED = [126, 127];

/**
 * A command in a container: what is written to the stream is its standard input, what is read from it its standard output.
 * An end of the stream ends its input; it ends when the command does, with an error where its exit status is not 0.
 *
 * Emits `connect` when the engine has started it.
 */
export abstract class CommandStream extends Duplex {
  readonly address: ContainerAddress;
  /** The program alone: arguments may hold what is not for messages. */
  readonly program: string;
  private connection: Promise<Duplex> | undefined;
  private socket: Duplex | undefined;
  private complaint = "";
  private beginning = "";
  private lost: Error | undefined;

  constructor(address: ContainerAddress, program: string) {
    super({ allowHalfOpen: false });
    this.address = address;
    this.program = program;
  }

  /** Starts the command. @returns its connection, in the engine's frames */
  protected abstract start(): Promise<Duplex>;

  /** Its exit status, once its connection has ended. */
  protected abstract status(): Promise<number>;

  /** Starts the command; called once. */
  open(): this {
    this.connection = this.begin();
    this.connection.catch((error: Error) => this.destroy(error));
    return this;
  }

  private async begin(): Promise<Duplex> {
    const socket = await this.start();
    socket.on("error", (error) => (this.lost = error));
    if (this.destroyed) return socket.destroy();
    this.socket = socket;
    const demultiplex = demultiplexer((stream, data) => this.receive(stream === "stderr", data));
    socket.on("data", demultiplex);
    // The output has ended; input that the command has not read is kept by nobody.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => void this.conclude().catch((error: Error) => this.destroy(error)));
    this.emit("connect");
    return socket;
  }

  private receive(isStderr: boolean, data: Buffer): void {
    if (isStderr) {
      this.emit("stderr", data);
      this.complaint = (this.complaint + data.toString()).slice(-COMPLAINT_LENGTH);
      return;
    }
    if (this.beginning === "") this.beginning = data.toString("utf8", 0, COMPLAINT_LENGTH);
    if (!this.push(data)) this.socket!.pause();
  }

  private async conclude(): Promise<void> {
    if (this.destroyed) return;
    const status = await this.status();
    if (status !== 0) this.destroy(this.failed(status));
    else if (this.lost) this.destroy(this.broken());
    else this.push(null);
  }

  /** The error where nobody knows how the command has ended. */
  protected broken(): Error {
    const { docker, container } = this.address;
    const cause = this.lost ?? new Error("the connection ended while it ran");
    return new EngineUnreachable(docker, `${this.program} in ${container}`, cause);
  }

  /** The error for an exit status, with what the command wrote to its standard error. */
  failed(status: number): CommandFailed {
    const { docker, container } = this.address;
    // The engine tells there why it could not start the command.
    const reason = NOT_STARTED.includes(status) ? this.complaint || this.beginning : this.complaint;
    return new CommandFailed(docker, container, this.program, status, reason);
  }

  override _read(): void {
    this.socket?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // Where it breaks, the end of the connection tells.
    this.connection!.then(
      (socket) => socket.write(chunk, () => done()),
      () => done(),
    );
  }

  override _final(done: () => void): void {
    this.connection!.then(
      (socket) => {
        socket.end();
        done();
      },
      () => done(),
    );
  }

  ref(): this {
    (this.socket as Partial<Socket> | undefined)?.ref?.();
    return this;
  }

  unref(): this {
    (this.socket as Partial<Socket> | undefined)?.unref?.();
    return this;
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket?.destroy();
    done(error);
  }
}

import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { ask, type ContainerAddress, hijack, pathOf } from "./client.ts";
import { demultiplexer } from "./demultiplex.ts";
import { CommandFailed, Conflict, EngineUnreachable, NotRunning } from "./errors.ts";

export interface ExecOptions {
  /** Name of the user in the container; the container's own unless it is given. */
  user?: string;
}

/** A command that closes its output goes on for a moment. In ms. */
const STATUS_WITHIN = 60_000;
const POLL = 20;
const COMPLAINT_LENGTH = 2_000;
/** Exit statuses of a command that the container's runtime could not start. */
const NOT_STARTED = [126, 127];

/**
 * A command in a container: what is written to the stream is its standard input, what is read from it its standard output.
 * An end of the stream ends its input; it ends when the command does, with an error where its exit status is not 0.
 *
 * Emits `connect` when the engine has started it. Its errors are those of `exec`.
 */
export class ExecStream extends Duplex {
  protected readonly address: ContainerAddress;
  private readonly command: readonly string[];
  private readonly options: ExecOptions;
  private connection: Promise<Duplex> | undefined;
  private socket: Duplex | undefined;
  private id = "";
  private complaint = "";
  private beginning = "";
  private lost: Error | undefined;

  constructor(address: ContainerAddress, command: readonly string[], options: ExecOptions = {}) {
    super({ allowHalfOpen: false });
    this.address = address;
    this.command = command;
    this.options = options;
  }

  /** Starts the command. */
  open(): this {
    this.connection = this.start();
    this.connection.catch((error: Error) => this.destroy(error));
    return this;
  }

  private async start(): Promise<Duplex> {
    const { docker } = this.address;
    this.id = await createExec(this.address, {
      ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true },
      ...{ Cmd: this.command, User: this.options.user ?? "" },
    });
    const path = pathOf`/exec/${this.id}/start`;
    const socket = await hijack(docker, { method: "POST", path, body: { Detach: false, Tty: false } });
    socket.on("error", (error) => (this.lost = error));
    if (this.destroyed) return socket.destroy();
    this.socket = socket;
    const demultiplex = demultiplexer((stream, data) => this.receive(stream === "stderr", data));
    socket.on("data", demultiplex);
    socket.on("close", () => void this.conclude().catch((error: Error) => this.destroy(error)));
    this.emit("connect");
    return socket;
  }

  private receive(isStderr: boolean, data: Buffer): void {
    if (isStderr) {
      this.complaint = (this.complaint + data.toString()).slice(-COMPLAINT_LENGTH);
      return;
    }
    if (this.beginning === "") this.beginning = data.toString("utf8", 0, COMPLAINT_LENGTH);
    if (!this.push(data)) this.socket!.pause();
  }

  /** What its exit status says, once the connection has ended. */
  private async conclude(): Promise<void> {
    if (this.destroyed) return;
    const status = await this.status();
    if (status !== 0) this.destroy(this.failed(status));
    else if (this.lost) this.destroy(this.broken(this.lost));
    else this.push(null);
  }

  private async status(): Promise<number> {
    const deadline = Date.now() + STATUS_WITHIN;
    for (;;) {
      const path = pathOf`/exec/${this.id}/json`;
      const { Running, ExitCode } = await ask<ExecState>(this.address.docker, { path });
      if (!Running && ExitCode !== null) return ExitCode;
      if (this.destroyed || Date.now() > deadline) throw this.broken(this.lost);
      await pause(POLL);
    }
  }

  private broken(cause: Error = new Error("the connection ended while it ran")): Error {
    const { docker, container } = this.address;
    return new EngineUnreachable(docker, `${this.command[0]} in ${container}`, cause);
  }

  /** The error for an exit status, with what the command wrote to its standard error. */
  failed(status: number): CommandFailed {
    const { docker, container } = this.address;
    // The engine tells there why it could not start the command.
    const reason = NOT_STARTED.includes(status) ? this.complaint || this.beginning : this.complaint;
    return new CommandFailed(docker, container, this.command[0] ?? "", status, reason);
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

interface ExecState {
  Running: boolean;
  ExitCode: number | null;
}

/** The id of a new exec. @throws NotFound | NotRunning | EngineUnreachable */
export async function createExec({ docker, container }: ContainerAddress, body: object): Promise<string> {
  const path = pathOf`/containers/${container}/exec`;
  try {
    return (await ask<{ Id: string }>(docker, { method: "POST", path, body })).Id;
  } catch (error) {
    // The engine refuses with this status alone where the container does not run.
    throw error instanceof Conflict ? new NotRunning(docker, error.reason, { cause: error }) : error;
  }
}

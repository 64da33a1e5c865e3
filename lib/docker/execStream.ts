import type { Duplex } from "node:stream";
import { waitFor } from "../wait.ts";
import { ask, type ContainerAddress, hijack, pathOf } from "./client.ts";
import { CommandStream } from "./commandStream.ts";
import { Conflict, NotRunning } from "./errors.ts";

export interface ExecOptions {
  /** Name of the user in the container; the container's own unless it is given. */
  user?: string;
}

/** A command that closes its output goes on for a moment. In ms. */
const STATUS_WITHIN = 60_000;
const POLL = 20;

/** A further command in a container that runs. Its errors are those of `exec`. */
export class ExecStream extends CommandStream {
  private readonly command: readonly string[];
  private readonly options: ExecOptions;
  private id = "";

  constructor(address: ContainerAddress, command: readonly string[], options: ExecOptions = {}) {
    super(address, command[0] ?? "");
    this.command = command;
    this.options = options;
  }

  protected override async start(): Promise<Duplex> {
    this.id = await createExec(this.address, {
      ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true },
      ...{ Cmd: this.command, User: this.options.user ?? "" },
    });
    const path = pathOf`/exec/${this.id}/start`;
    return hijack(this.address.docker, { method: "POST", path, body: { Detach: false, Tty: false } });
  }

  protected override async status(): Promise<number> {
    const path = pathOf`/exec/${this.id}/json`;
    const ended = async () => {
      const { Running, ExitCode } = await ask<ExecState>(this.address.docker, { path });
      if (!Running && ExitCode !== null) return ExitCode;
      if (this.destroyed) throw this.broken();
    };
    return waitFor(ended, {
      ...{ within: STATUS_WITHIN, every: POLL, look: Infinity },
      what: `${this.program} to end`,
      failure: () => this.broken(),
    });
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

/** What a Docker engine did not do. No request's body, input or environment is part of a message. */
export class DockerError extends Error {
  override readonly name: string = "DockerError";
  /** Endpoint of the engine, such as `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  /** The message without the endpoint. */
  readonly reason: string;

  constructor(endpoint: string, reason: string, options?: ErrorOptions) {
    super(`${reason} (Docker engine ${endpoint})`, options);
    this.endpoint = endpoint;
    this.reason = reason;
  }
}

/** The engine answered that it has no such container, image, volume or network. */
export class NotFound extends DockerError {
  override readonly name = "NotFound";
}

/** The engine answered that the state of things forbids it: a name is taken, or a container does not run. */
export class Conflict extends DockerError {
  override readonly name: string = "Conflict";
}

/** The container is there, but it is stopped, paused or restarting. */
export class NotRunning extends Conflict {
  override readonly name = "NotRunning";
}

/** The engine did not answer, so nothing is known. `code` is the system's, such as `ENOENT`. */
export class EngineUnreachable extends DockerError {
  override readonly name: string = "EngineUnreachable";
  readonly code: string | undefined;

  constructor(endpoint: string, asked: string, cause: NodeJS.ErrnoException) {
    super(endpoint, `${asked}: cannot reach the engine: ${cause.message || cause.code}`, { cause });
    this.code = cause.code;
  }
}

/** A limit was reached, so it is not known whether the engine still does it. */
export class EngineTimeout extends EngineUnreachable {
  override readonly name = "EngineTimeout";

  constructor(endpoint: string, asked: string, withinMs: number) {
    const limit = new Error(`no answer within ${withinMs / 1000} s`);
    super(endpoint, asked, Object.assign(limit, { code: "ETIMEDOUT" }));
  }
}

/** A command in a container ended with another status than 0. */
export class CommandFailed extends DockerError {
  override readonly name = "CommandFailed";
  readonly status: number;
  /** The end of what it wrote to its standard error. */
  readonly complaint: string;

  /** @param command  the program alone: arguments may hold what is not for logs */
  constructor(endpoint: string, container: string, command: string, status: number, complaint: string) {
    const words = complaint.trim() || "it said nothing";
    super(endpoint, `${command} in ${container} failed with exit status ${status}: ${words}`);
    this.status = status;
    this.complaint = complaint.trim();
  }
}

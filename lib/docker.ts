import { spawn } from "node:child_process";
import { endpointOf } from "./hosts.ts";

/** A container on an engine. */
export interface ContainerAddress {
  /** The engine: the name of its host, as inputs of resources have it, or its endpoint; see {@link endpointOf}. */
  docker: string;
  /** Its name there. */
  container: string;
}

/**
 * Runs the `docker` command-line client against an engine, without a shell.
 *
 * @param engine    the name of its host, or its endpoint
 * @param input     what the command reads from its standard input
 * @returns         its standard output
 * @throws Error    with the command's own message when it fails or is not installed
 */
export function dockerCommand(
  engine: string,
  args: readonly string[],
  input: string | Buffer = "",
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("docker", ["--host", endpointOf(engine), ...args], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (data: Buffer) => out.push(data));
    child.stderr.on("data", (data: Buffer) => err.push(data));
    child.stdin.on("error", () => undefined); // the exit status tells
    child.on("error", (error) => reject(notStarted(error)));
    child.on("close", (status) => {
      if (status === 0) resolve(Buffer.concat(out).toString());
      else reject(new Error(`docker ${args[0]} failed: ${Buffer.concat(err).toString().trim()}`));
    });
    child.stdin.end(input);
  });
}

/** Why the `docker` command-line client could not be started, with the remedy where that is known. */
export function notStarted(error: NodeJS.ErrnoException): Error {
  return error.code === "ENOENT"
    ? new Error("The docker command-line client is needed and not on PATH: install it.", { cause: error })
    : error;
}

/** A command in a container that goes on until its input ends. */
export interface OpenCommand {
  /** The first line that it prints; undefined when it ends without one. */
  readonly firstLine: Promise<string | undefined>;
  /** Ends its input, and waits until the command has ended too. */
  close(): Promise<void>;
}

/** Starts a command of a container's image, without a shell, that waits on its standard input. */
export function openInContainer(
  { docker, container }: ContainerAddress,
  args: readonly string[],
): OpenCommand {
  const child = spawn("docker", ["--host", endpointOf(docker), "exec", "-i", container, ...args], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => undefined); // it has ended already
  const ended = new Promise<void>((resolve) => {
    child.on("error", () => resolve());
    child.on("close", () => resolve());
  });
  const firstLine = new Promise<string | undefined>((resolve) => {
    let text = "";
    child.stdout.on("data", (data: Buffer) => {
      text += data.toString();
      if (text.includes("\n")) resolve(text.split("\n")[0]);
    });
    void ended.then(() => resolve(undefined));
  });
  return {
    firstLine,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** Those of the containers that run; one that is not there does not. */
export async function running<T extends ContainerAddress>(containers: readonly T[]): Promise<T[]> {
  const states = await Promise.all(
    containers.map(({ docker, container }) =>
      dockerCommand(docker, ["inspect", "--format", "{{.State.Running}}", container]).catch(() => "false"),
    ),
  );
  return containers.filter((_, i) => states[i]!.trim() === "true");
}

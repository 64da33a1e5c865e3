import { text } from "node:stream/consumers";
import { ifInTime, waitFor, withTimeout } from "../wait.ts";
import { ask, type ContainerAddress, pathOf } from "./client.ts";
import type { CommandStream } from "./commandStream.ts";
import { running } from "./containers.ts";
import { createExec, type ExecOptions, ExecStream } from "./execStream.ts";
import { CommandFailed, EngineTimeout } from "./errors.ts";

/** In ms. */
const ENDS_WITHIN = 60_000;
/** The exit status of all commands in a container whose first process ends; the engine notes that a moment later. */
const KILLED = 137;
/** In ms. */
const NOTED_WITHIN = 5_000;
const POLL = 100;

/**
 * Runs a command of a container's image, without a shell.
 *
 * @param options.input   what it reads from its standard input
 * @param options.within  ms; the command itself is not ended by it, only its input
 * @returns               its standard output
 * @throws NotFound | NotRunning  where there is no such container, or it does not run
 * @throws CommandFailed  with the end of its standard error
 * @throws EngineUnreachable | EngineTimeout  where it is not known what became of it
 */
export async function exec(
  address: ContainerAddress,
  command: readonly string[],
  {
    input = "",
    within = ENDS_WITHIN,
    ...options
  }: ExecOptions & { input?: string | Buffer; within?: number } = {},
): Promise<string> {
  const stream = new ExecStream(address, command, options).open();
  const timer = setTimeout(() => stream.destroy(overdue(stream, within)), within);
  try {
    stream.end(input);
    return await text(stream);
  } finally {
    clearTimeout(timer);
  }
}

function overdue({ address, program }: CommandStream, within: number): Error {
  return new EngineTimeout(address.docker, `${program} in ${address.container}`, within);
}

/** Starts a command that goes on without anybody who reads what it prints. @throws as {@link exec}, until it has started */
export async function execDetached(address: ContainerAddress, command: readonly string[]): Promise<void> {
  const id = await createExec(address, { Cmd: command });
  await ask(address.docker, { method: "POST", path: pathOf`/exec/${id}/start`, body: { Detach: true } });
}

/** A command in a container that goes on until its input ends. */
export interface OpenCommand<Line> {
  /**
   * The first line that it prints.
   *
   * @throws CommandFailed  where it ended without one, with status 0 too
   * @throws EngineUnreachable  where it is not known what became of it
   */
  readonly firstLine: Promise<Line>;
  /** Ends its input, and waits until the command has ended too. @throws EngineTimeout where it does not */
  readonly close: () => Promise<void>;
}

/**
 * Starts a command of a container's image, without a shell, that waits on its standard input. Its first line is undefined
 * where the container does not run, or has stopped meanwhile.
 */
export function openExec(
  address: ContainerAddress,
  command: readonly string[],
): OpenCommand<string | undefined> {
  const { firstLine, close } = openCommand(new ExecStream(address, command));
  const orGone = firstLine.catch(async (error: unknown) => {
    if (await isGone(address, error)) return undefined;
    throw error;
  });
  orGone.catch(() => undefined); // told to those that wait for it
  return { firstLine: orGone, close };
}

/** Whether the container of a command that failed does not run any more. @throws where the engine does not tell */
async function isGone(address: ContainerAddress, error: unknown): Promise<boolean> {
  const wasKilled = error instanceof CommandFailed && error.status === KILLED;
  const limits = { within: wasKilled ? NOTED_WITHIN : 0, every: POLL, look: Infinity };
  const hasStopped = async () => (await running([address])).length === 0;
  const stopped = waitFor(hasStopped, { ...limits, what: `${address.container} to stop` });
  return (await ifInTime(stopped)) ?? false;
}

/** Starts a command that waits on its standard input. */
export function openCommand(stream: CommandStream): OpenCommand<string> {
  let fault: Error | undefined;
  stream.on("error", (error) => (fault = error));
  const ended = new Promise<void>((resolve) => stream.once("close", () => resolve()));
  const firstLine = new Promise<string>((resolve, reject) => {
    let text = "";
    stream.on("data", (data: Buffer) => {
      text += data.toString();
      if (text.includes("\n")) resolve(text.split("\n")[0]!);
    });
    void ended.then(() => reject(fault ?? stream.failed(0)));
  });
  firstLine.catch(() => undefined); // told to those that wait for it
  stream.open();
  return { firstLine, close: () => close(stream, ended) };
}

async function close(stream: CommandStream, ended: Promise<void>): Promise<void> {
  stream.end();
  const inTime = withTimeout(
    ended.then(() => true),
    ENDS_WITHIN,
    stream.program,
  );
  if (await ifInTime(inTime)) return;
  stream.destroy();
  throw overdue(stream, ENDS_WITHIN);
}

// Needs no npm package: it runs before `npm ci`.
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { UserError } from "./errors.ts";

const LAST_LINES = 25;
/** Time (ms) that a program has to end after SIGTERM. */
const GRACE = 15_000;

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** The program is ended after this many ms. */
  timeout?: number;
  /** What the program reads from its standard input. @default nothing */
  input?: string | Buffer;
  /** Given the program as soon as it runs. */
  started?: (program: Program) => void;
}

/** A program that was started. */
export interface Program {
  /** Sends a signal to the program alone. One that has ended gets none. */
  signal(name: NodeJS.Signals): void;
  /** The same to all that it has started, where it leads a group. */
  signalAll(name: NodeJS.Signals): void;
  /** SIGKILL to all; then {@link ended} does not wait for a descendant that still holds the program's output open. */
  kill(why: string): void;
  /** Never rejects. */
  readonly ended: Promise<Ending>;
}

export interface Ending {
  /** Exit status; undefined when the program did not start or was ended by a signal. */
  status: number | undefined;
  /** The status as a shell gives it: 128 + signal. */
  shellStatus: number;
  /** What went wrong, such as `exit status 3`; undefined after status 0. */
  fault: string | undefined;
  /** Why the program did not start, or takes no signal of this user: then it may go on. */
  error?: Error;
}

export interface StartOptions extends Pick<RunOptions, "cwd" | "env" | "input"> {
  stdio?: StdioOptions;
  /** The program leads a group of its own, with all that it starts. Ctrl-C on a terminal then does not reach it. */
  ownGroup?: boolean;
  onOutput?: (text: string, from: "stdout" | "stderr") => void;
}

/** Starts a program without a shell. */
export function start(command: string, args: readonly string[], options: StartOptions = {}): Program {
  const { cwd, env, input, ownGroup = false, onOutput } = options;
  const stdio = options.stdio ?? [input === undefined ? "ignore" : "pipe", "pipe", "pipe"];
  const child = spawn(command, args, { cwd, env, stdio, detached: ownGroup });
  child.stdin?.on("error", () => undefined); // the exit status tells
  child.stdin?.end(input);
  for (const from of ["stdout", "stderr"] as const) {
    child[from]?.setEncoding("utf8").on("data", (text: string) => onOutput?.(text, from));
  }
  let killed: string | undefined;
  const signal = (name: NodeJS.Signals) => void child.kill(name);
  const signalAll = (name: NodeJS.Signals) => (ownGroup ? signalGroup(child, name) : signal(name));
  return {
    signal,
    signalAll,
    kill(why) {
      killed ??= why;
      signalAll("SIGKILL");
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
    ended: new Promise((resolve) => {
      child.on("error", (error) => {
        const what =
          child.pid === undefined ? "cannot be started" : `${killed ?? "a signal"}: cannot be ended`;
        resolve({ status: undefined, shellStatus: 1, fault: `${what}: ${error.message}`, error });
      });
      child.on("close", (code, by) => {
        const how = by === null ? `exit status ${code}` : `ended by ${by}`;
        const fault = code === 0 ? undefined : (killed ?? how);
        resolve({ status: code ?? undefined, shellStatus: code ?? 128 + signalNumber(by), fault });
      });
    }),
  };
}

/** As `child.kill` does it: nothing where it has ended; an event `error` where the system refuses. */
function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") child.emit("error", error);
  }
}

/** {@link start}, with a limit. Kills a program that takes too long. */
async function finish(program: Program, { timeout, started }: RunOptions): Promise<Ending> {
  started?.(program);
  const kill = () => program.kill(`not done within ${timeout! / 1000} s`);
  const timer = timeout === undefined ? undefined : setTimeout(kill, timeout);
  try {
    return await program.ended;
  } finally {
    clearTimeout(timer);
  }
}

export interface Captured {
  /** Exit status; undefined when the program did not start or was ended by a signal. */
  status: number | undefined;
  stdout: string;
  stderr: string;
}

export type CaptureOptions = RunOptions & Pick<StartOptions, "ownGroup">;

/** Runs a program and returns what it wrote. Never throws: a program that is not there has no status. */
export async function capture(
  command: string,
  args: readonly string[],
  options: CaptureOptions = {},
): Promise<Captured> {
  const wrote = { stdout: "", stderr: "" };
  const program = start(command, args, { ...options, onOutput: (text, from) => (wrote[from] += text) });
  const { status, error } = await finish(program, options);
  return { status, stdout: wrote.stdout, stderr: wrote.stderr + (error?.message ?? "") };
}

/**
 * Runs a program with its output going to a log file.
 * @throws UserError with the end of the log when the program fails or takes too long
 */
export async function runLogged(
  command: string,
  args: readonly string[],
  logFile: string,
  options: RunOptions = {},
): Promise<void> {
  const log = openSync(logFile, "a");
  try {
    const program = start(command, args, { ...options, stdio: ["ignore", log, log] });
    const { fault } = await finish(program, options);
    if (fault !== undefined) throw failed(command, args, fault, logFile);
  } finally {
    closeSync(log);
  }
}

/** The error of a program that has failed, with the end of its log. */
export function failed(command: string, args: readonly string[], fault: string, logFile: string): UserError {
  return new UserError(`${[command, ...args].join(" ")}: ${fault}\n${endOfLog(logFile)}`.trimEnd());
}

/** The last lines of a log, for an error message; empty where there is none. */
export function endOfLog(logFile: string): string {
  let text: string;
  try {
    text = readFileSync(logFile, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
  return text.trimEnd().split("\n").slice(-LAST_LINES).join("\n");
}

/** Signals of the same kind within this many ms are one and the same, seen twice. */
const SAME_SIGNAL = 2_000;

/**
 * Runs a program on this terminal and returns its exit status, as a shell gives it (128 + signal).
 *
 * Pulumi finishes what is under way at the first Ctrl-C (or SIGTERM) and terminates at once at the second, so one signal
 * must arrive as one. On a terminal, Ctrl-C reaches the program without help and is not passed on. Without a terminal,
 * whoever ends the command (npm, `timeout`, a CI runner) may signal this process or its whole group, or both: there the
 * program gets a group of its own, and one signal from here.
 */
export async function runAttached(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  const { cwd, env, timeout } = options;
  const onTerminal = process.stdin.isTTY === true;
  const passed: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  let last = 0;
  const pass = (signal: NodeJS.Signals) => {
    if (onTerminal && signal === "SIGINT") return;
    if (Date.now() - last > SAME_SIGNAL) program.signal(signal);
    last = Date.now();
  };
  // Before the program starts: a signal that came in between would end this process alone, and leave the program behind.
  for (const signal of passed) process.on(signal, pass);
  const program = start(command, args, { cwd, env, stdio: "inherit", ownGroup: !onTerminal });
  const timers: NodeJS.Timeout[] = [];
  if (timeout !== undefined) {
    timers.push(setTimeout(() => program.signalAll("SIGTERM"), timeout));
    timers.push(setTimeout(() => program.signalAll("SIGKILL"), timeout + GRACE));
  }
  try {
    const { shellStatus, fault, error } = await program.ended;
    if (error) throw new UserError(`${command} ${fault}`);
    return shellStatus;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    for (const signal of passed) process.off(signal, pass);
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return (signal && numbers[signal]) || 1;
}

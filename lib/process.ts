import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { UserError } from "./errors.ts";

const LAST_LINES = 25;
/** Time (ms) that a program has to end by itself when its time is up. */
const GRACE = 15_000;

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** The program is ended after this many ms. */
  timeout?: number;
}

/** The end of a log, for an error message. */
export function endOfLog(logFile: string): string {
  return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-LAST_LINES).join("\n");
}

/**
 * Runs a program with its output going to a log file.
 * @throws Fault with the end of the log when the program fails or takes too long
 */
export async function runLogged(
  command: string,
  args: string[],
  logFile: string,
  options: RunOptions = {},
): Promise<void> {
  const log = openSync(logFile, "a");
  try {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ["ignore", log, log] });
    const timer = options.timeout ? setTimeout(() => child.kill("SIGKILL"), options.timeout) : undefined;
    const outcome = await new Promise<string | undefined>((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("exit", (code, signal) =>
        resolve(code === 0 ? undefined : signal ? `ended by ${signal}` : `exit status ${code}`),
      );
    });
    clearTimeout(timer);
    if (outcome !== undefined) {
      throw new UserError(`${[command, ...args].join(" ")}: ${outcome}\n${endOfLog(logFile)}`);
    }
  } finally {
    closeSync(log);
  }
}

export interface Captured {
  /** Exit status; undefined when the program did not start or was ended by a signal. */
  status: number | undefined;
  stdout: string;
  stderr: string;
}

/** Runs a program and returns what it wrote. Never throws: a program that is not there has no status. */
export async function capture(command: string, args: string[], options: RunOptions = {}): Promise<Captured> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const timer = options.timeout ? setTimeout(() => child.kill("SIGKILL"), options.timeout) : undefined;
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const status = await new Promise<number | undefined>((resolve) => {
    child.on("error", (error) => {
      stderr += error.message;
      resolve(undefined);
    });
    child.on("close", (code) => resolve(code ?? undefined));
  });
  clearTimeout(timer);
  return { status, stdout, stderr };
}

/** Signals of the same kind within this many ms are one and the same, seen twice. */
const SAME_SIGNAL = 2_000;

/**
 * Runs a program on this terminal and returns its exit status, as a shell gives it (128 + signal).
 *
 * Pulumi finishes what is under way at the first Ctrl-C (or SIGTERM) and terminates at once at the second, so one signal
 * must arrive as one. On a terminal, Ctrl-C reaches the program by itself and is not passed on. Without a terminal,
 * whoever ends the command (npm, `timeout`, a CI runner) may signal this process or its whole group, or both: there the
 * program gets a group of its own, and one signal from here.
 */
export async function runAttached(
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<number> {
  const onTerminal = process.stdin.isTTY === true;
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: "inherit",
    detached: !onTerminal,
  });
  const timer = options.timeout ? setTimeout(() => end(child, onTerminal), options.timeout) : undefined;
  const passed: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  let last = 0;
  const pass = (signal: NodeJS.Signals) => {
    if (onTerminal && signal === "SIGINT") return;
    if (Date.now() - last > SAME_SIGNAL) child.kill(signal);
    last = Date.now();
  };
  for (const signal of passed) process.on(signal, pass);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("error", (error) => reject(new UserError(`${command} cannot be started: ${error.message}`)));
      child.on("exit", (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
    });
  } finally {
    clearTimeout(timer);
    for (const signal of passed) process.off(signal, pass);
  }
}

/** Asks a program (with its group, if it has one) to end, and after a grace makes it. */
function end(child: ChildProcess, sharesGroup: boolean): void {
  const signal = (name: NodeJS.Signals) => {
    try {
      if (sharesGroup) child.kill(name);
      else if (child.pid) process.kill(-child.pid, name);
    } catch {
      // It has ended meanwhile.
    }
  };
  signal("SIGTERM");
  const force = setTimeout(() => signal("SIGKILL"), GRACE);
  child.on("exit", () => clearTimeout(force));
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return (signal && numbers[signal]) || 1;
}

import { spawn, type ChildProcess } from "node:child_process";

export interface Finished {
  status: number;
  stdout: string;
  stderr: string;
  /** Wall time in seconds. */
  seconds: number;
}

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  input?: string;
  /** What it printed counts although it failed: {@link Finished.status} tells. */
  mayFail?: boolean;
  /** Clearing up goes on after an interruption, measuring does not. */
  evenInterrupted?: boolean;
}

/** Thrown out of whatever is being measured when the run is interrupted. */
export class Interrupted extends Error {
  constructor() {
    super("Interrupted.");
  }
}

/** Pulumi cancels at the first SIGINT, and at a second one ends at once, its plugins with it. In ms. */
const INSIST_AFTER = 5_000;
const KILL_AFTER = 15_000;
const LAST_LINES = 30;

const running = new Set<ChildProcess>();
let interrupted = false;

/**
 * Runs a program without a shell.
 *
 * @throws Error with the end of its output when it fails or does not start
 * @throws Interrupted when the run is interrupted before or meanwhile
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const mayRun = () => {
    if (interrupted && !options.evenInterrupted) throw new Interrupted();
  };
  mayRun();
  const finished = await start(command, args, options);
  mayRun();
  if (finished.status === 0 || options.mayFail) return finished;
  const end = `${finished.stdout}\n${finished.stderr}`.trim().split("\n").slice(-LAST_LINES).join("\n");
  throw new Error(`${command} ${args.slice(0, 2).join(" ")} failed:\n${end}`);
}

function start(command: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    // A group of its own: Ctrl-C on a terminal reaches this process only, which passes it on.
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    running.add(child);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (data: Buffer) => out.push(data));
    child.stderr.on("data", (data: Buffer) => err.push(data));
    child.stdin.on("error", () => undefined); // the exit status tells
    child.on("error", (error) => {
      running.delete(child);
      reject(error);
    });
    child.on("close", (status) => {
      running.delete(child);
      resolve({
        status: status ?? -1,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
        seconds: (performance.now() - begun) / 1000,
      });
    });
    child.stdin.end(options.input ?? "");
  });
}

/** Ends what is running, and lets nothing more be measured. */
export function interrupt(): void {
  interrupted = true;
  const all = [...running];
  const signal = (name: NodeJS.Signals) => {
    for (const child of all) if (running.has(child)) child.kill(name);
  };
  signal("SIGINT");
  setTimeout(() => signal("SIGINT"), INSIST_AFTER).unref();
  setTimeout(() => signal("SIGKILL"), KILL_AFTER).unref();
}

export function wasInterrupted(): boolean {
  return interrupted;
}

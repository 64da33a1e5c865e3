import { capture, type Captured, type CaptureOptions, type Program } from "../lib/process.ts";

export interface Finished extends Captured {
  /** Wall time in seconds. */
  seconds: number;
}

export interface RunOptions extends Pick<CaptureOptions, "cwd" | "env" | "input"> {
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

const running = new Set<Program>();
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
  const { mayFail, evenInterrupted, ...how } = options;
  const mayRun = () => {
    if (interrupted && !evenInterrupted) throw new Interrupted();
  };
  mayRun();
  let program: Program | undefined;
  const started = (one: Program) => running.add((program = one));
  const begun = performance.now();
  // A group of its own: Ctrl-C on a terminal reaches this process only, which passes it on.
  const captured = await capture(command, args, { ...how, ownGroup: true, started });
  const finished = { ...captured, seconds: (performance.now() - begun) / 1000 };
  running.delete(program!);
  mayRun();
  if (finished.status === 0 || mayFail) return finished;
  const end = `${finished.stdout}\n${finished.stderr}`.trim().split("\n").slice(-LAST_LINES).join("\n");
  throw new Error(`${command} ${args.slice(0, 2).join(" ")} failed:\n${end}`);
}

/** Ends what is running, and lets nothing more be measured. */
export function interrupt(): void {
  interrupted = true;
  const all = [...running];
  const signal = (name: NodeJS.Signals) => {
    for (const program of all) program.signal(name);
  };
  signal("SIGINT");
  setTimeout(() => signal("SIGINT"), INSIST_AFTER).unref();
  setTimeout(() => signal("SIGKILL"), KILL_AFTER).unref();
}

export function wasInterrupted(): boolean {
  return interrupted;
}

import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { UserError } from "../../lib/errors.ts";
import { isGone } from "../../lib/liveness.ts";
import { say } from "../../lib/progress.ts";
import { waitFor } from "../../lib/wait.ts";
import { listProcesses, processesOf } from "./strayProcesses.ts";

/** A lock that Pulumi's local backend keeps while it changes a stack. */
export interface StackLock {
  file: string;
  pid: number;
  user: string;
  host: string;
  since: Date;
}

/** Whoever changes a stack: by its lock, or as a process that has not taken one yet. */
export type Worker = Omit<StackLock, "file" | "user"> & { user?: string };

/** Another run may take as long as a first update on a slow machine. In ms. */
export const PATIENCE = 30 * 60_000;
const POLL = 500;

/** The locks in a stack's folder of locks. One that cannot be read, as after a power cut, has the number 0. */
export function readLocks(directory: string): StackLock[] {
  let files: string[];
  try {
    files = readdirSync(directory).filter((file) => file.endsWith(".json"));
  } catch {
    return []; // never locked
  }
  return files.flatMap((name) => {
    const file = join(directory, name);
    try {
      return [parseLock(file, readFileSync(file, "utf8"), statSync(file).mtime)];
    } catch {
      return []; // given back meanwhile
    }
  });
}

/** @param written  when the file was, for one that does not say it */
export function parseLock(file: string, text: string, written: Date): StackLock {
  try {
    const { pid, username, hostname, timestamp } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid === "number" && typeof hostname === "string" && typeof timestamp === "string")
      return { file, pid, user: String(username), host: hostname, since: new Date(timestamp) };
  } catch {
    // Half a file.
  }
  return { file, pid: 0, user: "unknown", host: "", since: written };
}

/** A file that nobody has finished for so long (ms) is never finished. */
const HALF_WRITTEN = 60_000;

/** Whether the lock's owner is gone for sure: a process of this machine that is over, or a file that was never finished. */
export function isStale(lock: StackLock, host: string, now: number, gone: typeof isGone = isGone): boolean {
  if (lock.pid === 0) return now - lock.since.getTime() > HALF_WRITTEN;
  return lock.host === host && gone(lock.pid, lock.since.getTime());
}

export interface LocalStack {
  stack: string;
  /** URL of the backend. */
  backend: string;
  /** The stack's folder of locks. */
  locks: string;
}

/**
 * Waits until nobody changes the stack, and removes what killed runs have left of locks.
 * @throws Fault when somebody still does after the patience (ms), or does so on another machine, where nobody can tell
 *         from here whether that run is alive
 */
export async function untilUnlocked(
  { stack, backend, locks }: LocalStack,
  patience = PATIENCE,
): Promise<void> {
  let worker: Worker | undefined;
  let said = false;
  const look = () => {
    worker = workerOn({ stack, backend, locks });
    if (worker && !said) say(waiting(stack, worker, patience));
    said = true;
    return worker === undefined;
  };
  await waitFor(look, {
    within: patience,
    every: POLL,
    what: `stack ${stack} to be free`,
    failure: () => new UserError(stillBusy(stack, worker!, patience)),
  });
}

/** Who changes the stack now. Locks of runs that are over are removed. @throws UserError where that is on another machine */
function workerOn({ stack, backend, locks }: LocalStack): Worker | undefined {
  const found = readLocks(locks);
  for (const lock of found.filter((one) => isStale(one, hostname(), Date.now()))) {
    for (const file of [lock.file, `${lock.file}.attrs`]) rmSync(file, { force: true });
    say(`› ${stack}: removed the lock of a run that is over (${describe(lock)})`);
  }
  const held = found.filter((one) => !isStale(one, hostname(), Date.now()));
  const away = held.find((lock) => lock.pid !== 0 && lock.host !== hostname());
  if (away) throw new UserError(lockedElsewhere(stack, away));
  return [...held, ...unlockedWorkers(stack, backend)][0];
}

/** A Pulumi that was just started has no lock yet. */
function unlockedWorkers(stack: string, backend: string): Worker[] {
  const { updating } = processesOf(listProcesses(), stack, backend);
  return updating
    .filter(({ pid }) => pid !== process.pid)
    .map(({ pid }) => ({ pid, host: hostname(), since: new Date() }));
}

export function describe({ pid, user, host, since }: Worker): string {
  if (pid === 0) return `a file that was never finished, from ${clock(since)}`;
  const who = user === undefined ? "" : `${user}@${host}, `;
  return `${who}process ${pid}, since ${clock(since)}`;
}

export function waiting(stack: string, worker: Worker, patience = PATIENCE): string {
  return `› stack ${stack} is being changed by another run (${describe(worker)}): waiting for it, ${minutes(patience)} at most`;
}

export function stillBusy(stack: string, worker: Worker, patience = PATIENCE): string {
  return (
    `Stack ${stack} is still being changed by another run (${describe(worker)}); this one has waited ${minutes(patience)}. ` +
    `Look at that run, and try again when it is through. If it hangs, end it (kill ${worker.pid || "its process"}); ` +
    `the next command cleans up after it.`
  );
}

export function lockedElsewhere(stack: string, worker: Worker): string {
  return (
    `Stack ${stack} is locked by a run on another machine (${describe(worker)}). Wait until it is through. If it is not ` +
    `running any more, remove its lock and try again: npm run pulumi -- cancel --stack ${stack} --yes`
  );
}

function minutes(ms: number): string {
  return ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1_000)} s`;
}

function clock(date: Date): string {
  return date.toISOString().slice(0, 19).replace("T", " ") + " UTC";
}

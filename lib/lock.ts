import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { statSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { UserError } from "./errors.ts";
import { isGone } from "./liveness.ts";
import { cacheDir } from "./paths.ts";
import { say } from "./progress.ts";
import { waitFor } from "./wait.ts";

/** The holder touches its lock this often (ms); one that was not touched for STALE belongs to nobody any more. */
const HEARTBEAT = 5_000;
const STALE = 45_000;
const POLL = 250;
/** What a holder that is through leaves. */
const FREE = "free";

/** Who holds a lock. */
export interface LockHolder {
  pid: number;
  host: string;
  since: Date;
}

export interface LockOptions {
  /** What is said once when somebody else holds it. */
  waiting?: (holder: LockHolder) => string;
  /** How long to wait, in ms. @default without end */
  patience?: number;
  /** What the error says then. */
  gaveUp?: (holder: LockHolder) => string;
}

/**
 * Runs `work` while no other run on this machine (or another with the same cache folder) holds the lock of that name.
 * A lock left behind by a run that was killed is taken over.
 *
 * @throws Fault when the lock is not free within the patience
 */
export async function withLock<T>(
  name: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const directory = join(cacheDir, "locks");
  mkdirSync(directory, { recursive: true });
  const own = await waitForLock(directory, name, options);
  const heartbeat = setInterval(() => touch(own), HEARTBEAT);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    release(own);
  }
}

async function waitForLock(directory: string, name: string, options: LockOptions): Promise<string> {
  let holder: LockHolder | undefined;
  let said = false;
  const look = () => {
    const file = tryLock(directory, name);
    if (file !== undefined) return file;
    holder = holderOf(directory, name) ?? holder;
    if (holder && !said)
      say(options.waiting?.(holder) ?? `› another run is busy with ${name}: waiting for it`);
    said ||= holder !== undefined;
    return undefined;
  };
  return waitFor(look, {
    within: options.patience ?? Infinity,
    every: POLL,
    what: `the lock of ${name}`,
    failure: () =>
      new UserError((holder && options.gaveUp?.(holder)) ?? `Another run is still busy with ${name}.`),
  });
}

/**
 * Takes the lock if it is free. Its file has a number: whoever takes it over makes the file of the next number, which only
 * one can, and then removes the earlier ones. The newest file is never removed, so a number is never used again, and
 * of two that judge the same file stale at the same moment one comes too late.
 *
 * @param judge  whether a file of the lock belongs to nobody any more
 * @returns      the file that is held now
 */
export function tryLock(
  directory: string,
  name: string,
  judge: (file: string) => boolean = isFree,
): string | undefined {
  const newest = filesOf(directory, name).at(-1);
  if (newest && !judge(newest.file)) return undefined;
  const number = (newest?.number ?? 0) + 1;
  const file = join(directory, `${name}.${number}.lock`);
  try {
    writeFileSync(file, `${process.pid} ${hostname()}`, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
  const all = filesOf(directory, name);
  // Others have gone through higher numbers meanwhile, and removed this one's.
  if (all.some((other) => other.number > number)) {
    rmSync(file, { force: true });
    return undefined;
  }
  for (const other of all) if (other.number < number) rmSync(other.file, { force: true });
  return file;
}

/** A lock's files by their numbers. */
function filesOf(directory: string, name: string): { file: string; number: number }[] {
  return readdirSync(directory)
    .filter((file) => file.startsWith(`${name}.`) && /^\d+\.lock$/.test(file.slice(name.length + 1)))
    .map((file) => ({
      file: join(directory, file),
      number: Number.parseInt(file.slice(name.length + 1), 10),
    }))
    .sort((a, b) => a.number - b.number);
}

function isFree(file: string): boolean {
  try {
    const [pid, host] = readFileSync(file, "utf8").split(" ");
    if (pid === FREE) return true;
    const touched = statSync(file).mtimeMs;
    return Date.now() - touched > STALE || (host === hostname() && isGone(Number(pid), touched));
  } catch (error) {
    // Somebody has taken it over meanwhile.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

function holderOf(directory: string, name: string): LockHolder | undefined {
  const newest = filesOf(directory, name).at(-1);
  if (!newest) return undefined;
  try {
    const [pid, host] = readFileSync(newest.file, "utf8").split(" ");
    if (!pid || !host) return undefined;
    return { pid: Number(pid), host, since: statSync(newest.file).birthtime };
  } catch {
    return undefined;
  }
}

function release(file: string): void {
  try {
    // "r+" creates no file: somebody may have taken it over, or cleared the cache folder.
    const open = openSync(file, "r+");
    try {
      ftruncateSync(open);
      writeSync(open, FREE);
    } finally {
      closeSync(open);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Somebody cleared the cache folder: the work in hand goes on, and so may the next one's.
  }
}

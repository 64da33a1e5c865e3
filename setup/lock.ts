import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheDir } from "./paths.ts";
import { say } from "./progress.ts";

/** The holder touches its lock this often (ms); one that was not touched for STALE belongs to nobody any more. */
const HEARTBEAT = 5_000;
const STALE = 45_000;
const POLL = 250;

/**
 * Runs `work` while no other run on this machine (or another with the same cache folder) holds the lock of that name.
 * A lock left behind by a run that was killed is taken over.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const directory = join(cacheDir, "locks");
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `${name}.lock`);
  const owner = `${process.pid} ${hostname()}`;
  let said = false;
  while (!tryLock(file, owner)) {
    if (removeStale(file)) continue;
    if (!said) say(`› another run is busy with ${name}: waiting for it`);
    said = true;
    await sleep(POLL);
  }
  const heartbeat = setInterval(() => touch(file), HEARTBEAT);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(file, { force: true });
  }
}

function tryLock(file: string, owner: string): boolean {
  try {
    writeFileSync(file, owner, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** True when the lock was stale and is gone. */
function removeStale(file: string): boolean {
  try {
    const [pid, host] = readFileSync(file, "utf8").split(" ");
    const silent = Date.now() - statSync(file).mtimeMs > STALE;
    if (!silent && !(host === hostname() && isGone(Number(pid)))) return false;
    // Two waiters may both have seen the stale lock; only one of them can rename it.
    const aside = `${file}.${process.pid}`;
    renameSync(file, aside);
    rmSync(aside, { force: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw error;
  }
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Somebody cleared the cache folder: the work in hand goes on, and so may the next one's.
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { logDir, projectDir } from "./paths.ts";

/** Logs of earlier steps that are kept. */
const KEPT_LOGS = 60;
/** A step that takes long says every so often (ms) that it is still at work. */
const STILL_AT_WORK = 30_000;

/** Progress goes to stderr, so that a command's stdout carries its result alone. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs one step of the set-up and says what is done, where its log is and how long it took.
 * A step is announced only when there is something to do: check first, then call this.
 */
export async function step<T>(title: string, run: (logFile: string) => Promise<T>): Promise<T> {
  const logFile = newLogFile(title);
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  say(`› ${title} (log: ${relative(projectDir, logFile)})`);
  const ticker = setInterval(() => say(`… ${title}: ${seconds()}`), STILL_AT_WORK);
  ticker.unref();
  try {
    const result = await run(logFile);
    say(`✓ ${title} (${seconds()})`);
    return result;
  } catch (error) {
    say(`✗ ${title} (${seconds()})`);
    throw error;
  } finally {
    clearInterval(ticker);
  }
}

/** Path for the log of a step that starts now, e.g. `logs/20261121-120135-npm-ci-4711.log`. Old logs are removed. */
export function newLogFile(title: string, extension = "log"): string {
  mkdirSync(logDir, { recursive: true });
  const name = /^\d{8}-\d{6}-.*\.(log|json)$/;
  const old = readdirSync(logDir).filter((file) => name.test(file));
  for (const file of old.sort().slice(0, -KEPT_LOGS)) rmSync(join(logDir, file), { force: true });

  const time = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  const slug = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return join(logDir, `${time}-${slug}-${process.pid}.${extension}`);
}

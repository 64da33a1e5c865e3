import { appendFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDir } from "../lib/paths.ts";
import { failed, start } from "../lib/process.ts";

/** Time (ms) that a host has to answer. */
export const REACH_TIMEOUT = 15_000;
const WHOLE_TIMEOUT = 10 * 60_000;
const REMEMBERED = 24 * 60 * 60_000;

/** Whether a host was found out of reach less than a day ago, so that the commands of that day do not wait for it. */
export function isKnownUnreachable(name: string): boolean {
  const file = markerFile(name);
  return existsSync(file) && Date.now() - statSync(file).mtimeMs < REMEMBERED;
}

export function rememberUnreachable(name: string, why: string): void {
  mkdirSync(join(cacheDir, "unreachable"), { recursive: true });
  writeFileSync(markerFile(name), why);
}

export function forgetUnreachable(name: string): void {
  rmSync(markerFile(name), { force: true });
}

export interface Reaching {
  /** What the program writes once the host has answered. */
  reached: RegExp;
  logFile: string;
  env?: NodeJS.ProcessEnv;
  /** Time (ms) until then, 15 s unless told. A program that writes nothing while it downloads needs more. */
  reachTimeout?: number;
}

/**
 * Runs a program that fetches something from a host that may be out of reach. It is given up when its output does not
 * show in time that the host answers, or when the whole is not done within 10 min.
 * @throws Fault with the end of the log
 */
export async function runReaching(command: string, args: string[], options: Reaching): Promise<void> {
  const { reached, logFile, env, reachTimeout = REACH_TIMEOUT } = options;
  const onOutput = (text: string) => {
    appendFileSync(logFile, text);
    if (reached.test(text)) clearTimeout(reachTimer);
  };
  // What the program started (a shell with curl) ends with it.
  const program = start(command, args, { env, ownGroup: true, onOutput });
  const reachTimer = setTimeout(
    () => program.kill(`no answer within ${reachTimeout / 1000} s`),
    reachTimeout,
  );
  const wholeTimer = setTimeout(() => program.kill("not done within 10 min"), WHOLE_TIMEOUT);
  const stop = () => {
    program.kill("interrupted");
    process.exit(130);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const { fault } = await program.ended;
  clearTimeout(reachTimer);
  clearTimeout(wholeTimer);
  process.off("SIGINT", stop).off("SIGTERM", stop);
  if (fault !== undefined) throw failed(command, args, fault, logFile);
}

function markerFile(name: string): string {
  return join(cacheDir, "unreachable", name);
}

import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../lib/errors.ts";
import { cacheDir } from "../lib/paths.ts";
import { endOfLog } from "../lib/process.ts";

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
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  // What the program started (a shell with curl) ends with it.
  const kill = () => child.pid && process.kill(-child.pid, "SIGKILL");
  let why: string | undefined;
  const giveUp = (reason: string) => {
    why = reason;
    kill();
  };
  const reachTimer = setTimeout(() => giveUp(`no answer within ${reachTimeout / 1000} s`), reachTimeout);
  const wholeTimer = setTimeout(() => giveUp("not done within 10 min"), WHOLE_TIMEOUT);
  const stop = () => {
    kill();
    process.exit(130);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const note = (text: Buffer) => {
    appendFileSync(logFile, text);
    if (reached.test(text.toString())) clearTimeout(reachTimer);
  };
  child.stdout.on("data", note);
  child.stderr.on("data", note);
  const outcome = await new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code) => resolve(code === 0 ? undefined : (why ?? `exit status ${code}`)));
  });
  clearTimeout(reachTimer);
  clearTimeout(wholeTimer);
  process.off("SIGINT", stop).off("SIGTERM", stop);
  if (outcome !== undefined)
    throw new UserError(
      `${[command, ...args].join(" ")}: ${outcome}\n${existsSync(logFile) ? endOfLog(logFile) : ""}`.trimEnd(),
    );
}

function markerFile(name: string): string {
  return join(cacheDir, "unreachable", name);
}

import { existsSync } from "node:fs";
import { UserError } from "../lib/errors.ts";
import { withLock } from "../lib/lock.ts";
import { capture, runLogged } from "../lib/process.ts";
import { step } from "../lib/progress.ts";

/**
 * What to put before a command so that it runs as root: nothing for root, `sudo -n` where sudo asks no password.
 * @throws Fault that names `purpose` otherwise
 */
export async function asRoot(purpose: string): Promise<string[]> {
  if (process.getuid?.() === 0) return [];
  const sudo = await capture("sudo", ["-n", "true"]);
  if (sudo.status === 0) return ["sudo", "-n"];
  throw new UserError(
    `Root is needed to ${purpose}. Run this command as root, or ask an administrator to do it.`,
  );
}

/**
 * Installs packages of Debian or Ubuntu.
 * @throws Fault on any other system, saying what is missing
 */
export async function installPackages(title: string, packages: string[]): Promise<void> {
  const missing = `install ${packages.join(", ")}`;
  if (!existsSync("/usr/bin/apt-get")) {
    throw new UserError(
      `This system has no apt-get: ${missing} with its own package manager, then try again.`,
    );
  }
  const prefix = await asRoot(missing);
  await withLock("apt-get", () =>
    step(title, async (logFile) => {
      // `sudo` clears the environment, so the variable travels as an argument of env.
      const aptGet = [
        ...prefix,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=300",
      ];
      const run = (...args: string[]) => {
        const [command = "", ...rest] = [...aptGet, ...args];
        return runLogged(command, rest, logFile, { timeout: 15 * 60_000 });
      };
      await run("update");
      await run("install", "--yes", "--no-install-recommends", ...packages);
    }),
  );
}

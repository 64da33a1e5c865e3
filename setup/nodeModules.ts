import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../lib/lock.ts";
import { projectDir } from "../lib/paths.ts";
import { runLogged } from "../lib/process.ts";
import { step } from "../lib/progress.ts";

interface LockedPackage {
  version?: string;
  integrity?: string;
  optional?: boolean;
}
export type LockedPackages = Record<string, LockedPackage>;

/** Makes node_modules what package-lock.json says. Does nothing, in a few ms, when it already is. */
export async function ensureNodeModules(): Promise<void> {
  const lockfile = join(projectDir, "package-lock.json");
  const stamp = join(projectDir, "node_modules", ".acgs-db-lockfile-sha256");
  const wanted = createHash("sha256").update(readFileSync(lockfile)).digest("hex");
  const isStamped = () => existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (isStamped()) return;

  // Two commands started together in a fresh clone must not both write node_modules.
  const checkout = createHash("sha256").update(projectDir).digest("hex").slice(0, 12);
  await withLock(`npm-ci-${checkout}`, async () => {
    if (isStamped()) return;
    const hidden = join(projectDir, "node_modules", ".package-lock.json");
    const installed = existsSync(hidden) ? packagesOf(hidden) : undefined;
    if (!installed || !isInstalled(packagesOf(lockfile), installed)) {
      await step("npm ci", async (logFile) => {
        const [command, first] = npmCommand();
        await runLogged(command, [...first, "ci", "--loglevel=warn"], logFile, { cwd: projectDir });
      });
    }
    writeFileSync(stamp, wanted);
  });
}

/**
 * Whether what npm installed (its hidden lockfile) is what the lockfile asks for. Saves a person who ran `npm install`
 * by hand a second installation. Optional packages may be missing: they are for other platforms.
 */
export function isInstalled(wanted: LockedPackages, installed: LockedPackages): boolean {
  const names = new Set([...Object.keys(wanted), ...Object.keys(installed)]);
  names.delete(""); // the project itself, which npm leaves out of the hidden lockfile
  return [...names].every((name) => {
    const want = wanted[name];
    const have = installed[name];
    if (!have) return want?.optional === true;
    return want?.version === have.version && want?.integrity === have.integrity;
  });
}

function packagesOf(file: string): LockedPackages {
  return (JSON.parse(readFileSync(file, "utf8")) as { packages: LockedPackages }).packages;
}

/** npm as a command and its first arguments: the one that started this command, else the one on PATH. */
export function npmCommand(): [string, string[]] {
  const script = process.env["npm_execpath"];
  return script && /\.c?js$/.test(script) ? [process.execPath, [script]] : ["npm", []];
}

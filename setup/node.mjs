// A Node that runs TypeScript. Plain JavaScript without packages, because it must run on any Node from 18 on.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Node runs TypeScript without a flag from here on (type stripping). */
const MINIMUM = [22, 19, 0];
const PINNED = "22.23.3";
/** What the npm registry must deliver, by platform. */
const INTEGRITY = {
  "linux-x64":
    "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
  "linux-arm64":
    "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",
  "darwin-x64":
    "sha512-ucJ39xgF3OlLZADNJ6AoHa843jHevkfWfEHu+5TyrXAuuS2OPSO465Tda43KVX8JhogMA6floTJPj3vlR41nng==",
  "darwin-arm64":
    "sha512-V6W/fNXsKFF0DMrBrpLNp9meU45Qbe6tQ3HlzrpdiPWW+zlbmTGou1LE8aGHOghVWXJFexvi7RDCQVQi1I1t8w==",
};

const cacheDir =
  process.env.ACGS_DB_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "acgs-db");

/**
 * Path of a Node that is recent enough: this one, or one that is fetched once per machine.
 * @throws Error
 */
export function recentNode() {
  return isRecentEnough(process.versions.node) ? process.execPath : cachedNode();
}

function isRecentEnough(version) {
  const have = version.split(".").map((part) => Number.parseInt(part, 10));
  for (let i = 0; i < MINIMUM.length; i++) {
    if (have[i] !== MINIMUM[i]) return have[i] > MINIMUM[i];
  }
  return true;
}

/** Runs npm with the Node of this process; npm tells its children where it lies. */
function npm(args, cwd) {
  const script = process.env.npm_execpath;
  const [command, first] = script && /\.c?js$/.test(script) ? [process.execPath, [script]] : ["npm", []];
  const done = spawnSync(command, [...first, ...args], { cwd, encoding: "utf8" });
  if (done.error)
    throw new Error(`npm cannot be started (${done.error.message}). Install Node with npm and try again.`);
  if (done.status !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${done.stderr.trim()}`);
}

/** Path of a Node from the npm registry, fetched once per machine. */
function cachedNode() {
  const home = join(cacheDir, `node-${PINNED}`);
  const binary = join(home, "bin", "node");
  if (existsSync(binary)) return binary;

  const platform = `${process.platform}-${process.arch}`;
  const expected = INTEGRITY[platform];
  if (!expected) {
    throw new Error(
      `Node ${MINIMUM.join(".")} or later is needed, this is ${process.versions.node}, and there is none to fetch for ${platform}: install one.`,
    );
  }
  const started = Date.now();
  process.stderr.write(`› Node ${PINNED} from npm (this machine has ${process.versions.node})\n`);
  mkdirSync(cacheDir, { recursive: true });
  const scratch = mkdtempSync(join(cacheDir, "node-fetch-"));
  try {
    npm(["pack", "--loglevel=error", "--ignore-scripts", `node-${platform}@${PINNED}`], scratch);
    const archive = join(scratch, readdirSync(scratch).find((name) => name.endsWith(".tgz")) ?? "");
    const actual = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (actual !== expected)
      throw new Error(`node-${platform}@${PINNED} from npm is not what was expected: ${actual}`);
    const untar = spawnSync("tar", ["-xzf", archive, "-C", scratch], { encoding: "utf8" });
    if (untar.status !== 0) throw new Error(`tar failed: ${untar.error?.message ?? untar.stderr}`);
    try {
      renameSync(join(scratch, "package"), home);
    } catch (error) {
      // Another run was faster: what it put there is the same.
      if (!existsSync(binary)) throw error;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  process.stderr.write(`✓ Node ${PINNED} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  return binary;
}

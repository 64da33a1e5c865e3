import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../lib/errors.ts";
import { capture, runAttached } from "../lib/process.ts";
import type { RedisAccess } from "./clientAccess.ts";

/**
 * Opens psql on this terminal. The password goes there in a file that only this user reads, and that is gone afterwards:
 * other users see the arguments of a program.
 *
 * @param url  with the password
 * @returns psql's exit status
 * @throws UserError where psql is not installed
 */
export async function openPsql(url: string): Promise<number> {
  await requireProgram("psql", "postgresql-client");
  const folder = mkdtempSync(join(tmpdir(), "acgs-connect-"));
  try {
    const passwords = join(folder, "pgpass");
    const shown = new URL(url);
    writeFileSync(passwords, `*:*:*:*:${pgpassField(decodeURIComponent(shown.password))}\n`, { mode: 0o600 });
    shown.password = "";
    // libpq's other variables were dropped when the command started (`lib/environment.ts`).
    return await runAttached("psql", [shown.href], { env: { ...process.env, PGPASSFILE: passwords } });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Opens redis-cli on this terminal, as a client of the cluster. redis-cli reads a password from a terminal, its arguments or
 * the environment; its own environment is the one that other users do not see.
 *
 * @returns redis-cli's exit status
 * @throws UserError where redis-cli is not installed
 */
export async function openRedisCli(access: RedisAccess, authorityFile: string): Promise<number> {
  await requireProgram("redis-cli", "redis-tools");
  const { hostname, port } = new URL(`redis://${access.nodes[0]}`);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const args = ["-c", "-h", host, "-p", port, "--user", access.username, "--tls", "--cacert", authorityFile];
  const env = { ...process.env, REDISCLI_AUTH: access.password };
  return runAttached("redis-cli", [...args, "--no-auth-warning"], { env });
}

async function requireProgram(program: string, debianPackage: string): Promise<void> {
  const { status } = await capture(program, ["--version"], { timeout: 10_000 });
  if (status === 0) return;
  throw new UserError(
    `${program} is not on this machine. Install it (Debian, Ubuntu: apt-get install ${debianPackage}), or give another ` +
      "client what ./acgs env prints.",
  );
}

/** A colon and a backslash are written with a backslash in libpq's password file. */
function pgpassField(text: string): string {
  return text.replaceAll(/[\\:]/g, String.raw`\$&`);
}

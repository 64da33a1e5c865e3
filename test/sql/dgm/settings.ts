import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type pg from "pg";
import { keysFile, writeKeysFile } from "../../../components/security/configurationKeyFiles.provider.ts";
import { ENGINE } from "../../../testing/images.ts";
import { rows, type StackDatabase } from "../../../testing/sqlServer.ts";

/** A key as the stack generates them. */
export const newKey = (): string => randomBytes(32).toString("hex");

/** Writes a test server's keys as an update of a stack does; one of its own unless others are given, the last active. */
export async function giveKeys(
  { container }: StackDatabase,
  keys: Record<string, string> = { 1: newKey() },
): Promise<void> {
  const active = Math.max(...Object.keys(keys).map(Number));
  await writeKeysFile({ docker: ENGINE, container }, keysFile(active, keys));
}

/** Makes a setting, a sensitive one unless told otherwise. */
export async function add(
  client: pg.Client,
  key: string,
  value: string,
  type = "string",
  sensitive = true,
): Promise<void> {
  await client.query("SELECT dgm.add_configuration($1, 'test', $2, $3, $4)", [key, type, value, sensitive]);
}

export async function get(client: pg.Client, key: string): Promise<unknown> {
  return (await rows(client, "SELECT dgm.get_configuration($1)", [key]))[0];
}

/** Changes a setting; gives its new version. */
export async function set(client: pg.Client, key: string, value: string): Promise<unknown> {
  return (await rows(client, "SELECT dgm.set_configuration($1, $2)", [key, value]))[0];
}

/** Takes away what tests have made: settings named `t.…`. */
export async function forgetSettings(admin: pg.Client): Promise<void> {
  const ours = "config_key LIKE 't.%'";
  await admin.query(
    `UPDATE dgm.system_configurations SET is_read_only = false WHERE ${ours} AND is_read_only`,
  );
  await admin.query(`DELETE FROM dgm.system_configurations WHERE ${ours}`);
}

/** Sensitive settings, each with the version of its key. */
export function versions(admin: pg.Client): Promise<unknown[]> {
  return rows(
    admin,
    "SELECT config_key, key_version FROM dgm.system_configurations WHERE is_sensitive ORDER BY 1",
  );
}

/** The SQLSTATE with which something fails; undefined when it does not. */
export function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => (error as { code?: string }).code,
  );
}

/** Runs a command in the server's container, as the server's user. */
export async function inContainer({ container }: StackDatabase, ...command: string[]): Promise<string> {
  const args = ["exec", "-u", "postgres", container, ...command];
  return (await promisify(execFile)("docker", args, { maxBuffer: 256 << 20 })).stdout;
}

import { randomBytes } from "node:crypto";
import { keysFile, writeKeysFile } from "../../../components/security/configurationKeyFilesProvider.ts";
import { ENGINE } from "../../support/images.ts";
import type { StackDatabase } from "../support.ts";

/** Keys as the stack generates them. */
export const newKey = (): string => randomBytes(32).toString("hex");

/** Writes a test server's keys as an update of a stack does; with one key of its own unless others are given. */
export async function giveKeys(
  { container }: StackDatabase,
  keys: Record<string, string> = { 1: newKey() },
  active = Math.max(...Object.keys(keys).map(Number)),
): Promise<void> {
  await writeKeysFile({ docker: ENGINE, container }, keysFile(active, keys));
}

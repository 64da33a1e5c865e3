import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Root of this checkout. */
export const projectDir = dirname(import.meta.dirname);

/** What is slow to make and the same for every checkout: tools, base images. Never holds a secret or a state. */
export const cacheDir =
  process.env.ACGS_DB_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "acgs-db");

/** Logs of the set-up's steps; git ignores it. */
export const logDir = join(projectDir, "logs");

/** State of stacks of operators who have no Pulumi backend of their own; git ignores it. */
export const localStateDir = join(projectDir, ".pulumi-state");

/** Passphrase that encrypts the secrets in that state; git ignores it. */
export const passphraseFile = join(projectDir, ".pulumi-passphrase");

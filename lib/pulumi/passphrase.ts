import { createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { messageOf, UserError } from "../errors.ts";
import { withLock } from "../lock.ts";
import { localStateDir, passphraseFile } from "../paths.ts";
import { writeWhole } from "../writeWhole.ts";

const TEXT = "PULUMI_CONFIG_PASSPHRASE";
const FILE = "PULUMI_CONFIG_PASSPHRASE_FILE";

/** The operator's own passphrase, and the variable that it comes from. */
export interface OwnPassphrase {
  variable: typeof TEXT | typeof FILE;
  text: string;
}

/**
 * The passphrase that the operator's shell gives Pulumi, in Pulumi's own order; undefined where it gives none.
 *
 * @throws UserError for a file that cannot be read
 */
export function ownPassphrase(env: NodeJS.ProcessEnv): OwnPassphrase | undefined {
  if (env[TEXT] !== undefined) return { variable: TEXT, text: env[TEXT] };
  if (!env[FILE]) return undefined;
  try {
    return { variable: FILE, text: readFileSync(env[FILE], "utf8").trim() };
  } catch (error) {
    throw new UserError(`${FILE}=${env[FILE]}: ${messageOf(error)}. Nothing was changed.`);
  }
}

/** A new stack's passwords would be encrypted with nothing. CI passes an empty one for a secret that is not set. @throws UserError */
export function refuseEmpty(stack: string, own: OwnPassphrase | undefined): void {
  if (own === undefined || own.text !== "") return;
  throw new UserError(
    `${own.variable} holds an empty passphrase: with it, everybody could read the passwords of the new stack ${stack}. ` +
      `Nothing was made. Give it a passphrase, or unset the variable: then one is made in ${passphraseFile}.`,
  );
}

/** What a state says of the passphrase that encrypts it. */
interface SecretsProvider {
  type?: string;
  state?: { salt?: string };
}

/**
 * Whether the passphrase is the one of the stack's state. Pulumi finds out too, but late, and it names no remedy.
 *
 * @throws UserError where it is another one
 */
export async function refuseAnother(stack: string, own: OwnPassphrase, checkpoint: string): Promise<void> {
  const { checkpoint: state } = JSON.parse(readFileSync(checkpoint, "utf8")) as {
    checkpoint: { latest?: { secrets_providers?: SecretsProvider } };
  };
  const { type, state: { salt } = {} } = state.latest?.secrets_providers ?? {};
  if (type !== "passphrase" || salt === undefined || (await opens(salt, own.text))) return;
  const remedy = existsSync(passphraseFile)
    ? `Unset the variable: then the passphrase in ${passphraseFile} is used.`
    : `Set it to the passphrase with which the stack was made, or unset it and bring ${passphraseFile} back.`;
  throw new UserError(
    `${own.variable} is not the passphrase of stack ${stack}: its state cannot be read with it. ${remedy}`,
  );
}

/** Pulumi's own: a round of PBKDF2 for the key, and a word that is encrypted with it. */
const ROUNDS = 1_000_000;
const TAG_BYTES = 16;

/** @param salt  as Pulumi notes it: `v1:<salt>:v1:<nonce>:<encrypted word and tag>`; of another form, Pulumi itself has to tell */
async function opens(salt: string, passphrase: string): Promise<boolean> {
  const [form, keySalt, wordForm, nonce, sealed] = salt.split(":");
  if (form !== "v1" || wordForm !== "v1" || keySalt === undefined || sealed === undefined) return true;
  const bytes = (text: string) => Buffer.from(text, "base64");
  const key = await promisify(pbkdf2)(passphrase, bytes(keySalt), ROUNDS, 32, "sha256");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes(nonce!));
  decipher.setAuthTag(bytes(sealed).subarray(-TAG_BYTES));
  decipher.update(bytes(sealed).subarray(0, -TAG_BYTES));
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

/** The passphrase of the local state, made on first use. @returns the path of its file */
export async function ensurePassphrase(): Promise<string> {
  if (existsSync(passphraseFile)) return passphraseFile;
  await withLock("passphrase", async () => {
    if (existsSync(passphraseFile)) return;
    if (existsSync(join(localStateDir, ".pulumi", "stacks"))) {
      throw new UserError(
        `${passphraseFile} is missing, but ${localStateDir} holds stacks encrypted with it. Bring it back, set ${TEXT}, or remove that folder if nothing of it is running any more.`,
      );
    }
    writeWhole(passphraseFile, `${randomBytes(32).toString("base64url")}\n`, 0o600);
  });
  return passphraseFile;
}

import { commandOf } from "./arguments.ts";

/**
 * A stack's configuration file as the local state needs it.
 *
 * With a passphrase, Pulumi writes `encryptionsalt` into Pulumi.<stack>.yaml. That file is tracked by git and belongs to
 * everyone, while the local state and its passphrase are one person's: each `npm run up` in a fresh clone would change a
 * tracked file. So where the tracked file has no secrets provider of its own, each command first copies it (to the
 * state folder, which git ignores) and gives Pulumi the copy; the salt comes from the state
 * (PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER). What `pulumi config set` writes to the copy is carried back.
 *
 * A team that commits secrets in Pulumi.<stack>.yaml commits the salt with them, as Pulumi means it: then the tracked file
 * is used as it is. The first `config set --secret` through this wrapper does that.
 */

const SECRETS_PROVIDER = /^(encryptionsalt|encryptedkey|secretsprovider):.*\n?/gm;
const SECRET_VALUE = /^\s+-?\s*secure:/m;

/** Whether a stack's configuration file says itself how its secrets are encrypted. */
export function hasSecretsProvider(yaml: string): boolean {
  return yaml.search(SECRETS_PROVIDER) !== -1;
}

/**
 * What the tracked file becomes after a command that edits configuration: the copy's settings, with the salt only when
 * there is a secret that needs it. Undefined when nothing is to be carried back.
 */
export function carriedBack(before: string, after: string): string | undefined {
  if (SECRET_VALUE.test(after)) return after;
  const settings = after.replaceAll(SECRETS_PROVIDER, "");
  return settings === before.replaceAll(SECRETS_PROVIDER, "") ? undefined : settings;
}

/** Whether arguments for Pulumi edit the configuration file: `config set …`, or `up --config key=value`. */
export function editsConfiguration(args: string[]): boolean {
  if (commandOf(args) === "config") return true;
  return args.some((arg) => arg === "-c" || arg === "--config" || arg.startsWith("--config="));
}

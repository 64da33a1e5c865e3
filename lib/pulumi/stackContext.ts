import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { shortName } from "./arguments.ts";
import { chooseBackend, readCredentials, type Backend } from "./backend.ts";
import { UserError } from "../errors.ts";
import { withLock } from "../lock.ts";
import { localStateDir, projectDir } from "../paths.ts";
import { capture, runLogged } from "../process.ts";
import { step } from "../progress.ts";
import { writeWhole } from "../writeWhole.ts";
import { ensurePassphrase, ownPassphrase, refuseAnother, refuseEmpty } from "./passphrase.ts";
import { toolEnvironment, type PulumiTool } from "./tool.ts";
import { repairCheckpoint } from "./checkpoint.ts";
import { carriedBack, editsConfiguration, hasSecretsProvider } from "./stackConfig.ts";

/** The folder from which stacks of the local state are created, and where the copies of their configuration lie. */
const copyDir = join(localStateDir, "configuration");

/** How Pulumi is called for one stack. */
export interface StackContext {
  stack: string;
  env: NodeJS.ProcessEnv;
  /** False when the stack is known not to be there: nothing was ever brought up. */
  exists: boolean;
  /** The local state's files of this stack; undefined where the operator has a backend. */
  local?: LocalState;
  /** To be called after a command with its arguments: carries edits of the configuration back to the tracked file. */
  finish(args: string[]): void;
}

/** Where the local state keeps what belongs to one stack. */
export interface LocalState {
  /** URL of the backend. */
  backend: string;
  checkpoint: string;
  /** Folder of Pulumi's locks. */
  locks: string;
  /** A file that is there from the beginning of an update until it has succeeded. */
  unfinished: string;
}

/** Prepares state, passphrase and configuration of a stack, and creates the stack when it is not there yet. */
export async function openStack(
  tool: PulumiTool,
  stack: string,
  options: { create: boolean },
): Promise<StackContext> {
  const backend = currentBackend();
  const env: NodeJS.ProcessEnv = { ...toolEnvironment(tool, process.env), PULUMI_STACK: stack };
  const tracked = join(projectDir, `Pulumi.${shortName(stack)}.yaml`);
  if (options.create && !existsSync(tracked)) {
    throw new UserError(
      `There is no stack ${stack}: Pulumi.${shortName(stack)}.yaml is missing. Copy Pulumi.dev.yaml (or Pulumi.prod.yaml) to that name and adjust it.`,
    );
  }
  if (backend.kind === "operator") {
    // The stand-in has a PULUMI_HOME of its own; the login is in the operator's.
    if (backend.credentials && env["PULUMI_HOME"] !== process.env["PULUMI_HOME"])
      env["PULUMI_CREDENTIALS_PATH"] = backend.credentials;
    if (options.create) await createInBackend(tool, stack, env);
    return { stack, env, exists: true, finish: () => undefined };
  }
  return openLocalStack(tool, stack, tracked, env, options.create);
}

async function openLocalStack(
  tool: PulumiTool,
  stack: string,
  tracked: string,
  env: NodeJS.ProcessEnv,
  create: boolean,
): Promise<StackContext> {
  mkdirSync(copyDir, { recursive: true });
  chmodSync(localStateDir, 0o700);
  env["PULUMI_BACKEND_URL"] = pathToFileURL(localStateDir).href;
  env["PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER"] = "true";
  const passphrase = ownPassphrase(process.env);
  if (passphrase === undefined) env["PULUMI_CONFIG_PASSPHRASE_FILE"] = await ensurePassphrase();
  const name = shortName(stack);
  const copy = join(copyDir, `Pulumi.${name}.yaml`);
  const text = existsSync(tracked) ? readFileSync(tracked, "utf8") : "";
  const isCopied = !hasSecretsProvider(text);
  writeWhole(copy, text);
  if (isCopied) env["PULUMI_OPTION_CONFIG_FILE"] = copy;

  const own = join(localStateDir, ".pulumi");
  const local: LocalState = {
    backend: env["PULUMI_BACKEND_URL"],
    checkpoint: join(own, "stacks", projectName(), `${name}.json`),
    locks: join(own, "locks", "organization", projectName(), name),
    unfinished: join(localStateDir, "unfinished", name),
  };
  repairCheckpoint(local.checkpoint, stack);
  if (passphrase && existsSync(local.checkpoint)) await refuseAnother(stack, passphrase, local.checkpoint);
  if (create && !existsSync(local.checkpoint)) {
    refuseEmpty(stack, passphrase);
    // Two first updates at once: the second finds the stack made.
    await withLock(`stack-init-${projectName()}-${name}`, () =>
      initStack(tool, stack, env, local.checkpoint),
    );
  }
  return {
    stack,
    env,
    exists: existsSync(local.checkpoint),
    local,
    finish(args) {
      if (!isCopied || !editsConfiguration(args)) return;
      const back = carriedBack(text, readFileSync(copy, "utf8"));
      if (back !== undefined) writeWhole(tracked, back);
    },
  };
}

async function initStack(
  tool: PulumiTool,
  stack: string,
  env: NodeJS.ProcessEnv,
  checkpoint: string,
): Promise<void> {
  if (existsSync(checkpoint)) return;
  // From the folder of copies, because `stack init` writes the salt beside the Pulumi.yaml it finds.
  copyFileSync(join(projectDir, "Pulumi.yaml"), join(copyDir, "Pulumi.yaml"));
  await step(`Stack ${stack}: create in ${basename(localStateDir)}/`, (logFile) =>
    runLogged(tool.command, ["stack", "init", stack, "--no-select", "--non-interactive"], logFile, {
      cwd: copyDir,
      env,
    }),
  );
}

async function createInBackend(tool: PulumiTool, stack: string, env: NodeJS.ProcessEnv): Promise<void> {
  // Only Pulumi knows what a backend of the operator's holds. PULUMI_STACK would forbid to select another.
  const { PULUMI_STACK: _, ...selecting } = env;
  const args = ["stack", "select", "--create", stack, "--non-interactive"];
  const select = (words: string[]) => capture(tool.command, words, { cwd: projectDir, env: selecting });
  const own = ownPassphrase(env);
  if (own?.text === "" && (await select(args.filter((word) => word !== "--create"))).status !== 0)
    refuseEmpty(stack, own);
  const done = await select(args);
  if (done.status !== 0) throw new UserError(`pulumi ${args.join(" ")}:\n${done.stderr.trim()}`);
}

function currentBackend(): Backend {
  return chooseBackend({
    env: process.env,
    project: readFileSync(join(projectDir, "Pulumi.yaml"), "utf8"),
    credentials: readCredentials(process.env),
  });
}

function projectName(): string {
  const name = /^name:\s*["']?([\w.-]+)/m.exec(readFileSync(join(projectDir, "Pulumi.yaml"), "utf8"))?.[1];
  if (!name) throw new UserError("Pulumi.yaml has no name.");
  return name;
}

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf, UserError } from "../errors.ts";
import { rememberHosts } from "../hosts.ts";
import { projectDir } from "../paths.ts";
import { capture } from "../process.ts";
import { type Deployment, hostsIn } from "./deployment.ts";
import type { PulumiTool } from "./tool.ts";
import type { StackContext } from "./stackContext.ts";

/** What `pulumi stack export` prints. */
interface Exported {
  version: number;
  deployment: Deployment;
}

/**
 * A stack's state, its secrets encrypted. Of the local backend it is read from its file, which takes no time.
 *
 * @throws UserError when it cannot be read; a stack that was never brought up has an empty one
 */
export async function readState(tool: PulumiTool, context: StackContext): Promise<Deployment> {
  if (!context.local) return known((await exported(tool, context)).deployment);
  const file = context.local.checkpoint;
  if (!existsSync(file)) return {};
  try {
    const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as { checkpoint: { latest?: Deployment } };
    return known(checkpoint.latest ?? {});
  } catch (error) {
    throw new UserError(`The state of stack ${context.stack} cannot be read.\n${file}: ${reasonOf(error)}`);
  }
}

/** The state with its secrets in plain, which stay in this process. @throws UserError when it cannot be read */
export async function readSecrets(tool: PulumiTool, context: StackContext): Promise<Deployment> {
  return known((await exported(tool, context, true)).deployment);
}

/** A state as `pulumi stack export` prints it. */
export function parseState(text: string): Deployment {
  return known(parsed(text).deployment);
}

/** Changes a stack's state. What was under way in it is forgotten: Pulumi drops it from a state that it takes in. */
export async function editState(
  tool: PulumiTool,
  context: StackContext,
  edit: (deployment: Deployment) => Deployment,
): Promise<void> {
  const before = await exported(tool, context);
  const after: Exported = { ...before, deployment: edit(before.deployment) };
  const directory = mkdtempSync(join(tmpdir(), "acgs-db-state-"));
  try {
    const file = join(directory, "state.json");
    writeFileSync(file, JSON.stringify(after), { mode: 0o600 });
    const args = ["stack", "import", "--stack", context.stack, "--file", file];
    const done = await capture(tool.command, args, { cwd: projectDir, env: context.env });
    if (done.status !== 0)
      throw new UserError(`The state of stack ${context.stack} could not be changed:\n${done.stderr.trim()}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function exported(
  tool: PulumiTool,
  { stack, env }: StackContext,
  withSecrets = false,
): Promise<Exported> {
  const asked = ["stack", "export", "--stack", stack, ...(withSecrets ? ["--show-secrets"] : [])];
  const done = await capture(tool.command, asked, { cwd: projectDir, env });
  if (done.status !== 0)
    throw new UserError(`The state of stack ${stack} cannot be read.\n${done.stderr.trim()}`);
  return parsed(done.stdout);
}

function parsed(text: string): Exported {
  const { version, deployment } = JSON.parse(text) as Partial<Exported>;
  return { version: version ?? 3, deployment: deployment ?? {} };
}

/** From now on the names of hosts in its resources' inputs are understood. */
function known(deployment: Deployment): Deployment {
  rememberHosts(hostsIn(deployment));
  return deployment;
}

/** A parser's own message would quote the state. */
function reasonOf(error: unknown): string {
  return error instanceof SyntaxError || error instanceof TypeError ? "it is damaged" : messageOf(error);
}

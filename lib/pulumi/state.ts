import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { projectDir } from "../paths.ts";
import { capture } from "../process.ts";
import type { PulumiTool } from "./tool.ts";
import type { StackContext } from "./stackContext.ts";
import type { Deployment } from "./deployment.ts";

/** What `pulumi stack export` prints. */
interface Exported {
  version: number;
  deployment: Deployment;
}

/** A stack's state. Of the local backend it is read from its file, which takes no time. */
export async function readDeployment(tool: PulumiTool, context: StackContext): Promise<Deployment> {
  if (!context.local) return (await exported(tool, context)).deployment;
  if (!existsSync(context.local.checkpoint)) return {};
  const { checkpoint } = JSON.parse(readFileSync(context.local.checkpoint, "utf8")) as {
    checkpoint?: { latest?: Deployment };
  };
  return checkpoint?.latest ?? {};
}

/** The state with its secrets in plain, which stay in this process. */
export async function readSecrets(tool: PulumiTool, context: StackContext): Promise<Deployment> {
  return (await exported(tool, context, true)).deployment;
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

async function exported(tool: PulumiTool, context: StackContext, secrets = false): Promise<Exported> {
  const { version, deployment } = JSON.parse(await exportOf(tool, context, secrets)) as Partial<Exported>;
  return { version: version ?? 3, deployment: deployment ?? {} };
}

/** A stack's state as Pulumi exports it, unless told otherwise with its secrets in plain. @throws Fault when it cannot be read */
export async function exportOf(
  tool: PulumiTool,
  { stack, env }: StackContext,
  secrets = true,
): Promise<string> {
  const asked = ["stack", "export", "--stack", stack, ...(secrets ? ["--show-secrets"] : [])];
  const done = await capture(tool.command, asked, { cwd: projectDir, env });
  if (done.status === 0) return done.stdout;
  throw new UserError(`The state of stack ${stack} cannot be read.\n${done.stderr.trim()}`);
}

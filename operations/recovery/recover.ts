import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { UserError, messageOf } from "../../lib/errors.ts";
import { say } from "../../lib/progress.ts";
import type { PulumiTool } from "../../lib/pulumi/tool.ts";
import type { StackContext } from "../../lib/pulumi/stackContext.ts";
import { stackAccess } from "../stackAccess.ts";
import { dockerResources, endpointsOf, strayContainers, strayNetworks } from "./containers.ts";
import type { DockerResource, SeenEngine } from "./containers.ts";
import { removeStrays, unknownToState } from "./strayDatabaseObjects.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import { prefixOf, resourcesOf, withoutResources } from "../../lib/pulumi/deployment.ts";
import type { Deployment } from "../../lib/pulumi/deployment.ts";
import {
  lookAtEngine,
  lookWhenSettled,
  madeBy,
  type OwnRun,
  removeContainer,
  removeNetwork,
} from "./engine.ts";
import { interruptedElsewhere, interruption } from "./messages.ts";
import { editState, readSecrets } from "../../lib/pulumi/state.ts";

/**
 * Notes that an update has begun. The note of one that was interrupted stays: an engine may finish what that run asked of it
 * only now, and its age tells whose it is.
 *
 * @returns what is to be called when it has succeeded
 */
export function beginUpdate({ local }: StackContext): () => void {
  if (!local) return () => undefined;
  mkdirSync(dirname(local.unfinished), { recursive: true });
  if (!existsSync(local.unfinished)) writeFileSync(local.unfinished, `${process.pid}\n`);
  return () => rmSync(local.unfinished, { force: true });
}

/** Whether an earlier update of the stack was ended, by whatever, before it was through. */
export function wasInterrupted({ local }: StackContext, deployment: Deployment): boolean {
  return (
    (deployment.pending_operations ?? []).length > 0 || (local !== undefined && existsSync(local.unfinished))
  );
}

/**
 * What a stack's engines have under its prefix, by endpoint. Engines that do not answer are left out, and named.
 *
 * @param look  at one of them
 */
export async function lookAtEngines(
  deployment: Deployment,
  look: typeof lookAtEngine = lookAtEngine,
): Promise<{ engines: Map<string, SeenEngine>; silent: string[] }> {
  const prefix = prefixOf(deployment);
  const engines = new Map<string, SeenEngine>();
  const silent: string[] = [];
  if (prefix === undefined) return { engines, silent };
  await Promise.all(
    endpointsOf(deployment).map(async (endpoint) => {
      try {
        engines.set(endpoint, await look(endpoint, prefix));
      } catch (error) {
        silent.push(`${endpoint}: ${messageOf(error)}`);
      }
    }),
  );
  return { engines, silent };
}

/** The same where all engines have to answer. @throws UserError that names those that do not: nothing is changed then */
export async function lookAtAllEngines(
  deployment: Deployment,
  look: typeof lookAtEngine = lookAtEngine,
): Promise<Map<string, SeenEngine>> {
  const { engines, silent } = await lookAtEngines(deployment, look);
  if (silent.length === 0) return engines;
  throw new UserError(
    `What the stack has cannot be seen, so nothing was changed: ${silent.join("; ")}. ` +
      `Start the Docker engine, or make it reachable, and run the command again.`,
  );
}

/**
 * Brings a state and what is there together again after a run that was interrupted: removes what that run has made and
 * not noted down, takes out of the state what it has removed, and forgets what was under way. The update that
 * follows does all of it again. Volumes, and a database that holds anything, are never touched.
 *
 * @returns whether the state was changed
 * @throws Fault with the commands to type where the state is in a backend of the operator's: from here nobody can tell
 *         whether that run goes on elsewhere
 */
export async function recover(
  tool: PulumiTool,
  context: StackContext,
  deployment: Deployment,
): Promise<boolean> {
  if (!wasInterrupted(context, deployment)) return false;
  const operations = deployment.pending_operations ?? [];
  if (!context.local) throw new UserError(interruptedElsewhere(context.stack, deployment));
  if (operations.length > 0) say(interruption(context.stack, operations));

  const engines = await lookAtAllEngines(deployment, lookWhenSettled);
  const run = ownRun(context.local.unfinished, deployment);
  for (const [endpoint, engine] of engines) await removeStrayParts(deployment, run, endpoint, engine);
  await removeStrayRoles(tool, context, deployment);

  const pending = new Set(
    operations.filter(({ type }) => type === "deleting").map(({ resource }) => resource.urn),
  );
  const isGone = ({ resource, kind, there }: DockerResource) =>
    !there && (kind === "container" || pending.has(resource.urn));
  const gone = dockerResources(deployment, engines).filter(isGone);
  if (operations.length === 0 && gone.length === 0) return false;
  for (const { kind, name } of gone) say(`  ${kind} ${name} is gone: taken out of the state`);
  await removeFromState(tool, context, gone);
  return true;
}

/** Takes resources out of the state, and with them all notes of what was under way. */
export async function removeFromState(
  tool: PulumiTool,
  context: StackContext,
  gone: readonly DockerResource[],
): Promise<void> {
  const key = ({ urn, id }: { urn: string; id?: string }) => `${urn} ${id}`;
  const keys = new Set(gone.map(({ resource }) => key(resource)));
  await editState(tool, context, (deployment) =>
    withoutResources(
      deployment,
      (deployment.resources ?? []).filter((one) => keys.has(key(one))),
    ),
  );
}

/** Without the note of its beginning nothing is taken for the run's own. */
function ownRun(unfinished: string, deployment: Deployment): OwnRun {
  const since = existsSync(unfinished) ? statSync(unfinished).mtimeMs : Infinity;
  return { since, networks: new Set(resourcesOf(deployment, TYPE.network).map(({ id }) => id ?? "")) };
}

async function removeStrayParts(
  deployment: Deployment,
  run: OwnRun,
  endpoint: string,
  engine: SeenEngine,
): Promise<void> {
  for (const container of await madeBy(run, endpoint, strayContainers(deployment, engine))) {
    say(`  container ${container.name} was made and not noted down: removed, its volume stays`);
    await removeContainer(endpoint, container);
  }
  for (const network of strayNetworks(deployment, engine)) {
    const removed = await removeNetwork(run, endpoint, network);
    say(
      removed
        ? `  network ${network.name} was made and not noted down: removed`
        : `  network ${network.name} (${network.id.slice(0, 12)}) is not of that run, or has containers on it: it is left as it is`,
    );
  }
}

/** Only where the server was reached by the interrupted run already. */
async function removeStrayRoles(
  tool: PulumiTool,
  context: StackContext,
  deployment: Deployment,
): Promise<void> {
  if (resourcesOf(deployment, TYPE.postgresqlProvider).length === 0) return;
  const unknown = unknownToState(deployment);
  if (unknown.roles.length === 0 && !unknown.database) return;
  const { postgres } = stackAccess(await readSecrets(tool, context));
  if (!postgres) return;
  try {
    for (const line of await removeStrays(postgres.members, deployment)) say(`  ${line}`);
  } catch (error) {
    say(`  it could not be seen whether roles were made and not noted down: ${messageOf(error)}`);
  }
}

/** For previews, which change nothing. */
export function reportInterruption(context: StackContext, deployment: Deployment): void {
  const operations = deployment.pending_operations ?? [];
  if (operations.length > 0)
    say(`${interruption(context.stack, operations)}\n  The next update takes that up first.`);
}

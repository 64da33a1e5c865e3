import { driftOfContainers } from "../drift/containers.ts";
import { UserError, messageOf } from "../../lib/errors.ts";
import { say } from "../../lib/progress.ts";
import type { PulumiTool } from "../../lib/pulumi/tool.ts";
import type { StackContext } from "../../lib/pulumi/stackContext.ts";
import { dockerResources, stoppedContainers } from "./containers.ts";
import type { Deployment } from "../../lib/pulumi/deployment.ts";
import { DOCKER_TYPES } from "../../lib/pulumi/types.ts";
import { announceDrift, lookForDrift } from "../drift/detect.ts";
import { areRolesGone, repairContainers, repairDrift } from "../drift/repair.ts";
import { reportInterruption, removeFromState, lookAtAllEngines, recover } from "./recover.ts";
import { readState } from "../../lib/pulumi/state.ts";

/** Flags that restrict an update to a part of the stack: then it is left at that part. */
const RESTRICTING = /^(-t|--target|-x|--exclude|--plan|--target-replace|--replace)(=|$)/;
const REFRESHING = /^(-r|--refresh)(=true)?$/;

/** What the update leaves to be done after it. */
interface AfterUp {
  /** Roles were gone: the update makes them, without the settings that SQL files gave them. */
  makesRolesAgain: boolean;
}
const NOTHING_MORE: AfterUp = { makesRolesAgain: false };

/**
 * What comes before an update: an interrupted run is cleaned up after, containers that do not run are started, and what was
 * changed by hand is noted in the state, so that the update sets it back.
 */
export async function beforeUp(tool: PulumiTool, context: StackContext, flags: string[]): Promise<AfterUp> {
  const found = await readState(tool, context);
  const recovered = await recover(tool, context, found);
  if (flags.some((flag) => RESTRICTING.test(flag))) return NOTHING_MORE;
  let deployment = recovered ? await readState(tool, context) : found;
  if (!hasContainers(deployment)) return NOTHING_MORE;
  const engines = await lookAtAllEngines(deployment);
  const docker = dockerResources(deployment, engines);
  if (docker.some(({ there }) => !there) || stoppedContainers(docker).length > 0) {
    announceDrift(driftOfContainers(docker));
    await repairContainers(tool, context, deployment, docker);
    deployment = await readState(tool, context);
  }
  try {
    const findings = await lookForDrift(tool, context, deployment);
    announceDrift(findings.drift);
    for (const reason of findings.notSeen) say(`› not compared with the stack: ${reason}`);
    await repairDrift(tool, context, findings);
    return { makesRolesAgain: areRolesGone(findings) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    say(`› not compared with the stack: ${messageOf(error)}`);
    return NOTHING_MORE;
  }
}

/** Before the end of a stack: containers that are gone would fail to be stopped. */
export async function beforeDestroy(tool: PulumiTool, context: StackContext): Promise<void> {
  const found = await readState(tool, context);
  const recovered = await recover(tool, context, found);
  const deployment = recovered ? await readState(tool, context) : found;
  const engines = await lookAtAllEngines(deployment);
  const gone = dockerResources(deployment, engines).filter(
    ({ kind, there }) => kind === "container" && !there,
  );
  if (gone.length > 0) await removeFromState(tool, context, gone);
}

/**
 * A preview, and beside it what an update would do before Pulumi's own part: the preview cannot show it. Nothing is changed.
 * @returns the preview's status
 */
export async function withDrift(
  tool: PulumiTool,
  context: StackContext,
  flags: string[],
  preview: () => Promise<number>,
): Promise<number> {
  const deployment = await readState(tool, context);
  reportInterruption(context, deployment);
  if (!hasContainers(deployment)) return preview();
  await refuseToRefreshStopped(deployment, flags);
  // Side by side, because each waits for the servers half of the time.
  const look = lookForDrift(tool, context, deployment).catch((error: unknown) => ({
    drift: [],
    notSeen: [messageOf(error)],
  }));
  const status = await preview();
  const { drift, notSeen } = await look;
  announceDrift(drift);
  for (const reason of notSeen) say(`› not compared with the stack: ${reason}`);
  return status;
}

/** A refresh of Pulumi's deletes a container that does not run, in a preview too. */
async function refuseToRefreshStopped(deployment: Deployment, flags: string[]): Promise<void> {
  if (!flags.some((flag) => REFRESHING.test(flag))) return;
  const engines = await lookAtAllEngines(deployment);
  const stopped = stoppedContainers(dockerResources(deployment, engines)).map(({ name }) => name);
  if (stopped.length === 0) return;
  throw new UserError(
    `${stopped.join(", ")} ${stopped.length === 1 ? "does" : "do"} not run, and a refresh would delete what does not run. ` +
      `Preview without --refresh; npm run up starts what is stopped.`,
  );
}

function hasContainers({ resources = [] }: Deployment): boolean {
  return resources.some(({ type }) => type.startsWith(DOCKER_TYPES));
}

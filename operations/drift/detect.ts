import { say } from "../../lib/progress.ts";
import type { PulumiTool } from "../../lib/pulumi/tool.ts";
import type { StackContext } from "../../lib/pulumi/stackContext.ts";
import { driftOfContainers } from "./containers.ts";
import type { Drift, DriftReport } from "./driftReport.ts";
import { Patroni, type RestAddress } from "../../components/postgres/patroniClient.ts";
import { driftOfCluster } from "./patroni.ts";
import { driftOfPoolers, readHeldPools, type HeldPool } from "./pgbouncer.ts";
import { driftOfRoles, readRoleFacts, type RoleDrift } from "./databaseRoles.ts";
import { driftOfLogins, onPrimary, readLogins, type ChangedLogin } from "./logins.ts";
import { driftOfParameters, readOverruled, type OverruledParameter } from "./serverSettings.ts";
import { stackAccess, type StackAccess } from "../stackAccess.ts";
import { dockerResources, type DockerResource } from "../recovery/containers.ts";
import { DATABASE } from "../../lib/names.ts";
import { type Deployment, resourcesOf } from "../../lib/pulumi/deployment.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import { lookAtEngines } from "../recovery/recover.ts";
import { attempt, lookAtResources } from "./readResources.ts";
import { readSecrets } from "../../lib/pulumi/state.ts";

/** What was found, with what is needed to mend it. */
export interface Findings extends DriftReport {
  docker: DockerResource[];
  access: StackAccess;
  overruled: OverruledParameter[];
  logins: ChangedLogin[];
  /** What is otherwise of roles, with the statements that set it back. */
  roles: RoleDrift[];
  held: HeldPool[];
  /** Patroni is told to leave everything as it is. */
  patroniPaused: boolean;
}

/**
 * Compares what is there with what the last update has left, and changes nothing.
 *
 * Containers are looked at on their engines. Roles, privileges, parameters, pools, Redis and SQL files are read by their own
 * providers, as a refresh reads them. What no resource stands for is looked at here: members of Patroni's cluster,
 * ALTER SYSTEM, paused poolers, settings of roles, and roles and databases that nobody has declared.
 */
export async function lookForDrift(
  tool: PulumiTool,
  context: StackContext,
  deployment: Deployment,
): Promise<Findings> {
  const notSeen: string[] = [];
  const { engines, silent } = await lookAtEngines(deployment);
  notSeen.push(...silent);
  const docker = dockerResources(deployment, engines);
  const [resources, servers] = await Promise.all([
    lookAtResources(tool, context, deployment, docker, notSeen),
    lookAtServers(tool, context, deployment, docker, notSeen),
  ]);
  return {
    stack: context.stack,
    drift: [...driftOfContainers(docker), ...servers.drift, ...resources],
    notSeen,
    docker,
    ...servers.found,
  };
}

/** A member that hangs must not hold up the look at all others. */
function quickPatroni(members: readonly [string, RestAddress][]): Patroni {
  return new Patroni(Object.fromEntries(members), "", [""], { answerWithinMs: 3_000, attempts: 1 });
}

/** What no resource stands for, on the members and poolers whose containers run. */
async function lookAtServers(
  tool: PulumiTool,
  context: StackContext,
  deployment: Deployment,
  docker: readonly DockerResource[],
  notSeen: string[],
) {
  const access = stackAccess(await readSecrets(tool, context));
  const isUp = ([name]: [string, unknown]) =>
    docker.some((one) => one.name.endsWith(`-${name}`) && one.seen?.state === "running");
  const members = access.postgres?.members ?? {};
  const running = Object.entries(members).filter(isUp);
  const instances = Object.entries(access.poolers?.instances ?? {}).filter(isUp);
  const [clusters, overruled, logins, inDatabase, held] = await Promise.all([
    running.length === 0 ? [] : attempt("Patroni", notSeen, async () => [await quickPatroni(running).view()]),
    Promise.all(
      running.map(([name, address]) =>
        attempt(`parameters of ${name}`, notSeen, () => readOverruled(name, address)),
      ),
    ),
    running.length === 0
      ? []
      : attempt("passwords of logins", notSeen, () =>
          readLogins(Object.fromEntries(running), access.verifiers),
        ),
    running.length === 0 || resourcesOf(deployment, TYPE.database).length === 0
      ? []
      : attempt("roles in the database", notSeen, () =>
          onPrimary(Object.fromEntries(running), async (client) => [await readRoleFacts(client)], DATABASE),
        ),
    Promise.all(
      instances.map(([name, instance]) =>
        attempt(`PgBouncer ${name}`, notSeen, () => readHeldPools(name, instance, access.poolers!.passwords)),
      ),
    ),
  ]);
  const roles = inDatabase.flatMap(driftOfRoles);
  const names = running.map(([name]) => name);
  return {
    drift: [
      ...clusters.flatMap((view) => driftOfCluster(view, Object.keys(members), names)),
      ...driftOfParameters(overruled.flat()),
      ...driftOfLogins(logins),
      ...roles.map(({ statements: _, ...drift }) => drift),
      ...driftOfPoolers(held.flat()),
    ],
    found: {
      access,
      overruled: overruled.flat(),
      logins,
      roles,
      held: held.flat(),
      patroniPaused: clusters.some(({ pause }) => pause === true),
    },
  };
}

/** Says what was found, for a preview or an update that goes on. */
export function announceDrift(drift: readonly Drift[]): void {
  for (const { what, is, should, remedy } of drift)
    say(`› ${what}: is ${is}, should be ${should} → ${remedy}`);
}

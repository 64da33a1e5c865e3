import { messageOf } from "../fault.ts";
import { projectDir } from "../paths.ts";
import { capture } from "../process.ts";
import { say } from "../progress.ts";
import type { PulumiTool } from "../pulumi/tool.ts";
import type { StackContext } from "../state.ts";
import { driftOfContainers } from "../../components/drift/containers.ts";
import type { Drift, DriftReport } from "../../components/drift/drift.ts";
import { driftOfCluster, readCluster } from "../../components/drift/patroni.ts";
import { driftOfPoolers, readHeldPools, type HeldPool } from "../../components/drift/poolers.ts";
import { driftOfResources, type RefreshDigest } from "../../components/drift/resources.ts";
import { driftOfParameters, readOverruled, type OverruledParameter } from "../../components/drift/servers.ts";
import { stackAccess, type StackAccess } from "./access.ts";
import { reach } from "./database.ts";
import { dockerResources, type DockerResource } from "./containers.ts";
import type { Deployment } from "./deployment.ts";
import { lookAtEngines } from "./recover.ts";
import { readSecrets } from "./state.ts";

/** What was found, with what is needed to mend it. */
export interface Findings extends DriftReport {
  docker: DockerResource[];
  access: StackAccess;
  overruled: OverruledParameter[];
  held: HeldPool[];
  /** Patroni is told to leave everything as it is. */
  patroniPaused: boolean;
}

/** A part of the stack that cannot be read while some of what carries it does not run. */
interface Part {
  name: string;
  /** Of these kinds every container must run. */
  carriedBy: string[];
  /** Wildcards for its resources' URNs. */
  urns: string[];
}

const PARTS: Part[] = [
  { name: "Redis", carriedBy: ["redis"], urns: ["**/acgs:RedisClusterState::**"] },
  { name: "PgBouncer's pools", carriedBy: ["pgbouncer"], urns: ["**/acgs:Pools::**"] },
  { name: "HAProxy's members", carriedBy: ["haproxy"], urns: ["**/acgs:Routes::**"] },
];
const ON_SERVER = ["**$postgresql:index/**", "**/acgs:SqlSchema::**"];
/** Never handed to Pulumi's refresh: it deletes a container that does not run. */
const DOCKER = "**$docker:index/**";

/**
 * Compares what is there with what the last update has left, and changes nothing.
 *
 * Containers are looked at on their engines. Roles, privileges, parameters, pools, Redis and SQL files are read by their own
 * providers, as a refresh reads them. What no resource stands for is looked at here: members of Patroni's cluster,
 * ALTER SYSTEM, paused poolers.
 */
export async function lookForDrift(
  tool: PulumiTool,
  context: StackContext,
  deployment: Deployment,
): Promise<Findings> {
  const notSeen: string[] = [];
  const attempt = async <T>(what: string, otherwise: T, look: () => Promise<T>): Promise<T> => {
    try {
      return await look();
    } catch (error) {
      notSeen.push(`${what}: ${messageOf(error)}`);
      return otherwise;
    }
  };
  const { engines, silent } = await lookAtEngines(deployment);
  notSeen.push(...silent);
  const docker = dockerResources(deployment, engines);
  const access = stackAccess(await readSecrets(tool, context));

  const members = access.postgres?.members ?? {};
  const isUp = (name: string) =>
    docker.some((one) => one.name.endsWith(`-${name}`) && one.seen?.state === "running");
  const running = Object.entries(members).filter(([name]) => isUp(name));
  const instances = Object.entries(access.poolers?.instances ?? {}).filter(([name]) => isUp(name));
  const unreadable = PARTS.filter(({ carriedBy }) => !carriedBy.every((kind) => allRun(docker, kind)));
  notSeen.push(...unreadable.map(({ name }) => `${name}: not all of the containers run`));
  const silentServer = await whyNoServer(access);
  if (silentServer !== undefined) notSeen.push(`roles, privileges and SQL files: ${silentServer}`);
  const excluded = [
    DOCKER,
    ...unreadable.flatMap(({ urns }) => urns),
    ...(silentServer === undefined ? [] : ON_SERVER),
  ];
  const nothing = { drift: [] as Drift[], notSeen: [] as string[] };
  const [resources, cluster, overruled, held] = await Promise.all([
    attempt("resources", nothing, () => readResources(tool, context, excluded)),
    running.length === 0
      ? undefined
      : attempt("Patroni", undefined, () => readCluster(Object.fromEntries(running))),
    Promise.all(
      running.map(([name, address]) =>
        attempt(`parameters of ${name}`, [] as OverruledParameter[], () =>
          readOverruled(name, address, access.postgres!.superuserPassword),
        ),
      ),
    ),
    Promise.all(
      instances.map(([name, instance]) =>
        attempt(`PgBouncer ${name}`, [] as HeldPool[], () =>
          readHeldPools(name, instance, access.poolers!.password),
        ),
      ),
    ),
  ]);
  return {
    stack: context.stack,
    drift: [
      ...driftOfContainers(docker),
      ...(cluster
        ? driftOfCluster(cluster, Object.keys(members), Object.keys(Object.fromEntries(running)))
        : []),
      ...driftOfParameters(overruled.flat()),
      ...driftOfPoolers(held.flat()),
      ...resources.drift,
    ],
    notSeen: [...notSeen, ...resources.notSeen],
    docker,
    access,
    overruled: overruled.flat(),
    held: held.flat(),
    patroniPaused: cluster?.pause === true,
  };
}

/** Whether every container of a kind runs. */
function allRun(docker: readonly DockerResource[], kind: string): boolean {
  const own = docker.filter((one) => one.kind === "container" && new RegExp(`-${kind}-\\d+$`).test(one.name));
  return own.every(({ seen }) => seen?.state === "running");
}

/** Why the primary cannot be reached where the resources reach it; undefined when it can, or there is none yet. */
async function whyNoServer({ server }: StackAccess): Promise<string | undefined> {
  if (!server) return undefined;
  try {
    await reach(server);
    return undefined;
  } catch (error) {
    return `${server.host}:${server.port} does not answer (${messageOf(error)})`;
  }
}

/** What Pulumi's own refresh would change in the state: it is a preview, so it does not. */
async function readResources(
  tool: PulumiTool,
  { stack, env }: StackContext,
  excluded: readonly string[],
): Promise<{ drift: Drift[]; notSeen: string[] }> {
  const flags = excluded.flatMap((urn) => ["--exclude", urn]);
  const args = ["refresh", "--stack", stack, "--preview-only", "--json", "--non-interactive", ...flags];
  const done = await capture(tool.command, args, { cwd: projectDir, env, timeout: 180_000 });
  const why = done.stderr.trim().split("\n").at(-1) || `pulumi refresh ended with status ${done.status}`;
  let digest: RefreshDigest;
  try {
    digest = JSON.parse(done.stdout.slice(done.stdout.indexOf("{"))) as RefreshDigest;
  } catch {
    throw new Error(why);
  }
  const found = driftOfResources(digest);
  return done.status !== 0 && found.notSeen.length === 0 ? { ...found, notSeen: [why] } : found;
}

/** Says what was found, for a preview or an update that goes on. */
export function announceDrift(drift: readonly Drift[]): void {
  for (const { what, is, should, remedy } of drift)
    say(`› ${what}: is ${is}, should be ${should} → ${remedy}`);
}

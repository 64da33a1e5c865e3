import { driftOfResources, type RefreshDigest } from "./resources.ts";
import type { Drift } from "./driftReport.ts";
import { messageOf } from "../../lib/errors.ts";
import { projectDir } from "../../lib/paths.ts";
import { capture } from "../../lib/process.ts";
import type { PulumiTool } from "../../lib/pulumi/tool.ts";
import type { StackContext } from "../../lib/pulumi/stackContext.ts";
import { serverAddress } from "../stackAccess.ts";
import type { DockerResource } from "../recovery/containers.ts";
import { kindOf, type PartKind } from "../../lib/parts.ts";
import type { Deployment } from "../../lib/pulumi/deployment.ts";
import { DOCKER_TYPES } from "../../lib/pulumi/types.ts";
import { whySilent } from "../recovery/whySilent.ts";

/** Parts of the stack that cannot be read while some of their containers do not run: kind, and wildcard for the URNs. */
const PARTS: { name: string; carriedBy: PartKind; urns: string }[] = [
  { name: "Redis", carriedBy: "redis", urns: "**/acgs:RedisClusterState::**" },
  { name: "PgBouncer's pools", carriedBy: "pgbouncer", urns: "**/acgs:Pools::**" },
  { name: "HAProxy's members", carriedBy: "haproxy", urns: "**/acgs:HaproxyServers::**" },
];
const ON_SERVER = ["**$postgresql:index/**", "**/acgs:SqlSchema::**"];
/** Never handed to Pulumi's refresh: it deletes a container that does not run. */
const DOCKER = `**$${DOCKER_TYPES}**`;
/** Looked at before (`operations/drift/logins.ts`): the others on the server are read with it. */
const DEPLOYER = "**/acgs:Deployer::**";

/** What `look` gives; where it fails, the reason is noted and there is nothing. */
export async function attempt<T>(what: string, notSeen: string[], look: () => Promise<T[]>): Promise<T[]> {
  try {
    return await look();
  } catch (error) {
    notSeen.push(`${what}: ${messageOf(error)}`);
    return [];
  }
}

/** What resources stand for, as far as the containers run that carry it. */
export async function lookAtResources(
  tool: PulumiTool,
  context: StackContext,
  deployment: Deployment,
  docker: readonly DockerResource[],
  notSeen: string[],
): Promise<Drift[]> {
  const unreadable = PARTS.filter(({ carriedBy }) => !allRun(docker, carriedBy));
  notSeen.push(...unreadable.map(({ name }) => `${name}: not all of the containers run`));
  const server = serverAddress(deployment);
  const silent = server && (await whySilent(server.host, server.port));
  if (silent !== undefined) notSeen.push(`roles, privileges and SQL files: ${silent}`);
  const excluded = [
    DOCKER,
    DEPLOYER,
    ...unreadable.map(({ urns }) => urns),
    ...(silent === undefined ? [] : ON_SERVER),
  ];
  return attempt("resources", notSeen, async () => {
    const found = await readResources(tool, context, excluded);
    notSeen.push(...found.notSeen);
    return found.drift;
  });
}

/** Whether every container of a kind runs. */
function allRun(docker: readonly DockerResource[], kind: PartKind): boolean {
  const own = docker.filter((one) => one.kind === "container" && kindOf(one.name) === kind);
  return own.every(({ seen }) => seen?.state === "running");
}

/**
 * What Pulumi's own refresh would change in the state: it is a preview, so it does not. The engine ends at the first resource
 * that its provider cannot read: then the others are looked at without it.
 */
async function readResources(
  tool: PulumiTool,
  context: StackContext,
  excluded: readonly string[],
): Promise<{ drift: Drift[]; notSeen: string[] }> {
  const first = await refreshPreview(tool, context, excluded);
  if (first.unread.length === 0) return first;
  const others = await refreshPreview(tool, context, [...excluded, ...first.unread]);
  return { drift: others.drift, notSeen: [...first.notSeen, ...others.notSeen] };
}

async function refreshPreview(
  tool: PulumiTool,
  { stack, env }: StackContext,
  excluded: readonly string[],
): Promise<{ drift: Drift[]; notSeen: string[]; unread: string[] }> {
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

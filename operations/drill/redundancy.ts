import { listContainers } from "../../lib/docker/containers.ts";
import type { MemberStatus } from "../../components/postgres/patroniClient.ts";
import { type Backend, parseStatistics } from "../../components/haproxy/runtimeApi.ts";
import { messageOf } from "../../lib/errors.ts";
import { inSession } from "../../lib/postgres/session.ts";
import { withTimeout } from "../../lib/wait.ts";
import { throughPooler } from "./clients/postgres.ts";
import { unhealthyRedis } from "./redisRedundancy.ts";
import type { DrillStack } from "./stack.ts";

/** A part that does not answer within this time (ms) is not well. */
const ANSWERS_WITHIN = 5_000;

/**
 * What a stack lacks of its full redundancy, in words; nothing when it is whole. The later checks are made only
 * where the earlier ones find nothing.
 */
export async function unhealthyParts(stack: DrillStack): Promise<string[]> {
  for (const look of [
    containersAway,
    replicasAway,
    etcdUnwell,
    routesMissing,
    poolersUnwell,
    unhealthyRedis,
  ]) {
    const found = await look(stack);
    if (found.length > 0) return found;
  }
  return [];
}

async function containersAway({ parts }: DrillStack): Promise<string[]> {
  const engines = [...new Set(parts.map(({ docker }) => docker))];
  const states = new Map<string, string>();
  for (const docker of engines) {
    for (const { Names, State } of await listContainers(docker)) {
      states.set(`${docker} ${Names[0]?.slice(1)}`, State);
    }
  }
  return parts.flatMap(({ docker, container }) => {
    const state = states.get(`${docker} ${container}`) ?? "not there";
    if (state === "running") return [];
    return [`${container} is ${state}${state === "paused" ? ` (docker unpause ${container})` : ""}`];
  });
}

/** What the primary adds to its status: who streams from it. */
interface PrimaryStatus extends MemberStatus {
  replication?: { application_name: string; state: string; sync_state: string }[];
}

async function replicasAway({ patroni, outputs, shape }: DrillStack): Promise<string[]> {
  const names = outputs.postgres.members.map(({ name }) => name);
  const statuses = await Promise.all(
    names.map((name) =>
      withTimeout(patroni.status(name) as Promise<PrimaryStatus>, ANSWERS_WITHIN, name).catch(
        () => undefined,
      ),
    ),
  );
  const isPrimary = (status?: MemberStatus) => status?.role === "primary" && status.state === "running";
  const primaries = names.filter((_, i) => isPrimary(statuses[i]));
  if (primaries.length !== 1) return [`primaries: ${primaries.join(", ") || "none"}`];
  const { replication = [] } = statuses.find(isPrimary)!;
  return names
    .filter((name) => name !== primaries[0])
    .flatMap((name) => {
      const link = replication.find(({ application_name }) => application_name === name);
      if (link?.state !== "streaming") return [`${name} does not stream (${link?.state ?? "no connection"})`];
      if (shape.synchronous && link.sync_state === "async") return [`${name} confirms no commits`];
      return [];
    });
}

async function etcdUnwell(stack: DrillStack): Promise<string[]> {
  const health = await Promise.all(
    stack.of("etcd").map((part) =>
      // A read that takes a quorum: the container's own health check lets a member wait for the others.
      stack.run(part, ["etcdctl", "endpoint", "health"]).then(
        () => [],
        () => [`${part.alias} has no quorum`],
      ),
    ),
  );
  return health.flat();
}

async function routesMissing(stack: DrillStack): Promise<string[]> {
  const replicas = stack.shape.members - 1;
  const seen = await Promise.all(
    stack.of("haproxy").map(async (router) => {
      const statistics = await stack.run(router, ["haproxy-ask", "show stat"]).catch(() => "");
      const up = (backend: Backend) => parseStatistics(statistics, backend).filter((one) => one.up).length;
      if (up("writer") === 1 && up("reader") === replicas) return [];
      return [`${router.alias} sees ${up("writer")} primaries and ${up("reader")} replicas`];
    }),
  );
  return seen.flat();
}

async function poolersUnwell({ outputs }: DrillStack): Promise<string[]> {
  const { url, readUrl } = outputs.services.acgs_user;
  const answers = outputs.poolers.flatMap((pooler) =>
    [url, readUrl].map((one) =>
      answersThrough(one, pooler).then(
        () => [],
        (error: unknown) => [`PgBouncer at port ${pooler.port}: ${messageOf(error)}`],
      ),
    ),
  );
  return (await Promise.all(answers)).flat();
}

async function answersThrough(url: string, pooler: { host: string; port: number }): Promise<void> {
  const limits = { connectWithinMs: ANSWERS_WITHIN, answerWithinMs: ANSWERS_WITHIN };
  await inSession({ at: throughPooler(url, pooler) }, (client) => client.query("SELECT 1"), limits);
}

import { Redis } from "ioredis";
import { REDIS_ADMIN_LOGIN } from "../../lib/names.ts";
import { type Trusted, verifiedTls } from "../../lib/trust.ts";
import { nothingMissing, NotYet, waitFor } from "../../lib/wait.ts";
import { parseClusterNodes, type ClusterNode } from "./topology.ts";

/** What Redis says of a wrong password. */
const REFUSED = "WRONGPASS";
/** An attempt to connect is given this time even where none is left. In ms. */
const AT_LEAST = 1_000;

/** What it takes to log in as administrator. */
export interface AdminAccess extends Trusted {
  /** Tried in this order: a node that is about to take a new one has the former still. */
  passwords: readonly string[];
}

/** A connection to one node as administrator. */
export interface Node {
  name: string;
  /** In the cluster; a hard reset gives it another. */
  id: string;
  redis: Redis;
}

/** Nodes by name, as `host:port`. */
export type NodeAddresses = Record<string, string>;

export async function clusterNodes(node: Node): Promise<ClusterNode[]> {
  return parseClusterNodes(String(await node.redis.cluster("NODES")));
}

/** What a node says of itself: true at once, while news of it takes seconds to reach the others. */
export async function selfOf(node: Node): Promise<ClusterNode> {
  return (await clusterNodes(node)).find(({ id }) => id === node.id)!;
}

/**
 * Hands connections to all nodes, in the order of their numbers, to `use`, and closes them whatever happens.
 *
 * @param within  as {@link connect} takes it
 */
export async function withNodes<T>(
  addresses: NodeAddresses,
  admin: AdminAccess,
  within: number,
  use: (nodes: Node[]) => Promise<T>,
): Promise<T> {
  const attempts = await Promise.allSettled(
    Object.entries(addresses)
      // The engine hands maps over in its own order, which puts redis-10 before redis-2.
      .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
      .map(([name, address]) => connect(name, address, admin, within)),
  );
  const nodes = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
  try {
    const failed = attempts.find((attempt) => attempt.status === "rejected");
    if (failed) throw failed.reason;
    return await use(nodes);
  } finally {
    for (const { redis } of nodes) redis.disconnect();
  }
}

/**
 * @param within  how long to try, in ms; there is one attempt in any case
 * @throws Error when the node does not answer in time, or refuses all passwords
 */
export async function connect(
  name: string,
  address: string,
  admin: AdminAccess,
  within: number,
): Promise<Node> {
  const limit = performance.now() + within;
  const unusable = (why: string) =>
    new Error(
      `Redis node ${name} at ${address} cannot be used: ${why}. ` +
        `Look at its container (docker ps, docker logs) and run the update again.`,
    );
  const attempt = async () => {
    const found = await connectAs(address, admin, Math.max(limit - performance.now(), AT_LEAST));
    if (typeof found !== "string") return { name, ...found };
    // Waiting does not mend a password.
    throw found.startsWith(REFUSED) ? unusable(found) : new NotYet(found);
  };
  // Each attempt has a limit of its own: a connection that is left behind would stay open.
  const limits = { within, every: 300, look: Infinity };
  return waitFor(attempt, { ...limits, what: `Redis node ${name}`, failure: unusable });
}

/** With the first password that is not refused. */
async function connectAs(address: string, admin: AdminAccess, withinMs: number) {
  let attempt: Omit<Node, "name"> | string = REFUSED;
  for (const password of admin.passwords) {
    attempt = await connectOnce(address, admin, password, withinMs);
    if (typeof attempt !== "string" || !attempt.startsWith(REFUSED)) break;
  }
  return attempt;
}

/** The connection, or why there is none: in words only, for errors of the client carry the password they sent. */
async function connectOnce(
  address: string,
  trusted: Trusted,
  password: string,
  withinMs: number,
): Promise<Omit<Node, "name"> | string> {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon);
  const redis = new Redis({
    host,
    port: Number(address.slice(colon + 1)),
    username: REDIS_ADMIN_LOGIN,
    password,
    tls: verifiedTls(host, trusted),
    lazyConnect: true,
    connectTimeout: 5_000,
    commandTimeout: 10_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason: string | undefined;
  redis.on("error", (error: Error) => (reason ??= error.message));
  // A node that hangs takes connections and says nothing.
  const timer = setTimeout(() => {
    reason ??= `no answer within ${Math.round(withinMs / 1000)} s`;
    redis.disconnect();
  }, withinMs);
  try {
    await redis.connect();
    return { id: String(await redis.cluster("MYID")), redis };
  } catch (error) {
    redis.disconnect();
    return reason ?? (error as Error).message;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits until nothing is missing any more.
 *
 * @param within   in ms
 * @param missing  in words, as a sentence
 * @throws Error with what was missing last
 */
export async function untilInOrder(
  within: number,
  missing: () => Promise<string | undefined>,
): Promise<void> {
  await waitFor(async () => nothingMissing(await missing()), {
    within,
    every: 200,
    what: "the Redis nodes to be in order",
    failure: (seen) => new Error(`${seen.replace(/\.?$/, ".")} Run the update again; it goes on from here.`),
  });
}

import { READ_DATABASE } from "../../../lib/names.ts";
import { AUTH_DATABASE } from "../../pgbouncer/pgbouncerConfiguration.ts";
import { running } from "../../../lib/docker/containers.ts";
import { exec, execDetached } from "../../../lib/docker/exec.ts";
import { reconnect } from "../../pgbouncer/reconnect.ts";
import type { ProxyPath } from "./proxyPath.ts";
import { drain } from "./drain.ts";

/**
 * Sends reads to other members, waits until none is left on this one, and does something with it. PgBouncer opens
 * new connections as transactions end, so no client notices. Without another replica reads go to the primary.
 */
export async function withDrainedReads<T>(
  member: string,
  proxies: ProxyPath,
  act: () => Promise<T>,
): Promise<T> {
  const end = await drain(member, "reader", Object.values(proxies.routers));
  try {
    await reconnectReads(proxies);
    return await act();
  } finally {
    await end();
  }
}

/**
 * The same without an end of its own: for a member whose container the engine is about to replace. Once it is back,
 * reads come again when the time is over.
 *
 * @param seconds  of which the container has to be gone
 */
export async function drainReads(member: string, proxies: ProxyPath, seconds: number): Promise<void> {
  for (const router of await running(Object.values(proxies.routers))) {
    // The pipe keeps the input open for so long.
    const script = 'sleep "$1" | drain-member "$0" reader "$1"';
    await execDetached(router, ["sh", "-c", script, member, String(seconds)]);
    // That has begun, and is not done: a read that comes before it is would be cut with the container.
    await exec(router, ["haproxy-ask", `set server reader/${member} state drain`]);
  }
  await reconnectReads(proxies);
}

/** Has PgBouncer replace its connections for reads, and those by which it looks logins up. */
export async function reconnectReads({ poolers, poolerPasswords }: ProxyPath): Promise<void> {
  await reconnect(Object.values(poolers), poolerPasswords, [READ_DATABASE, AUTH_DATABASE]);
}

import { READ_DATABASE } from "../access/logins.ts";
import { dockerCommand, openInContainer, running } from "../docker.ts";
import { reconnect } from "../pooler/reconnect.ts";
import type { Chain } from "./chain.ts";

/** After so long HAProxy sends reads to the member by itself, whatever became of this process. In s. */
const AT_MOST = 300;

/**
 * Sends reads to other members, waits until none is left on this one, and does something with it. PgBouncer opens
 * new connections as transactions end, so no client notices. Without another replica reads go to the primary.
 */
export async function whileReadersAreElsewhere<T>(
  member: string,
  chain: Chain,
  act: () => Promise<T>,
): Promise<T> {
  const routers = await running(Object.values(chain.routers));
  const drains = routers.map((router) => openInContainer(router, ["drain-member", member, String(AT_MOST)]));
  try {
    await Promise.all(drains.map(({ firstLine }) => firstLine));
    await reconnect(Object.values(chain.poolers), chain.poolerPassword, READ_DATABASE);
    return await act();
  } finally {
    await Promise.all(drains.map((drain) => drain.close()));
  }
}

/**
 * The same without an end of its own: for a member whose container the engine is about to replace. Once it is back,
 * reads come again when the time is over.
 *
 * @param seconds  of which the container has to be gone
 */
export async function sendReadersElsewhere(member: string, chain: Chain, seconds: number): Promise<void> {
  for (const { docker, container } of await running(Object.values(chain.routers))) {
    // The pipe keeps the input open for so long.
    const script = 'sleep "$1" | drain-member "$0" "$1"';
    await dockerCommand(docker, ["exec", "-d", container, "sh", "-c", script, member, String(seconds)]);
  }
  await reconnect(Object.values(chain.poolers), chain.poolerPassword, READ_DATABASE);
}

import type { ContainerAddress } from "../../../lib/docker/client.ts";
import { running } from "../../../lib/docker/containers.ts";
import { openExec, type OpenCommand } from "../../../lib/docker/exec.ts";
import { ifInTime, retry, withTimeout } from "../../../lib/wait.ts";
import { untilNoneLogsInAnywhere } from "../../pgbouncer/pendingLogins.ts";
import { READER_PORT, WRITER_PORT } from "../../haproxy/haproxyConfiguration.ts";
import type { ProxyPath } from "./proxyPath.ts";

/** How long transactions that run may take to end while others already wait. In ms. */
const ENDED_WITHIN = 2_000;
const ATTEMPTS = 5;
/** Between attempts clients go on. In ms. */
const APART = 3_000;
/** PgBouncer lets clients go on after so many seconds, whatever became of this process. */
const AT_MOST = 25;

/** Thrown where transactions would not end: nothing was done, and clients have gone on. */
export class StillBusy extends Error {
  override readonly name = "StillBusy";
}

/**
 * Does something while the clients of all PgBouncers wait: their transactions have ended, new ones queue, and no
 * connection to a server is left. To a client it is a moment in which the server is slow.
 *
 * A PgBouncer that does not run is passed over: its clients have no connection.
 *
 * @returns what `act` gave, and for how long clients waited (ms)
 * @throws StillBusy where transactions were running for too long at each of several attempts
 * @throws CommandFailed | EngineUnreachable where a PgBouncer that runs cannot be paused: its clients would see errors
 */
export async function withPausedPools<T>(
  { poolers, poolerPasswords }: Pick<ProxyPath, "poolers" | "poolerPasswords">,
  act: () => Promise<T>,
): Promise<{ result: T; waitedMs: number }> {
  const attempt = async () => {
    const alive = await running(Object.values(poolers));
    await untilNoneLogsInAnywhere(alive, poolerPasswords);
    const begun = performance.now();
    const held = alive.map((pooler) => hold(pooler));
    try {
      await untilHeld(held);
      const result = await act();
      await close(held);
      return { result, waitedMs: performance.now() - begun };
    } finally {
      await close(held);
    }
  };
  const isBusy = (error: unknown) => error instanceof StillBusy;
  return retry(attempt, { attempts: ATTEMPTS, firstPauseMs: APART, longestPauseMs: APART, when: isBusy });
}

/** Its first line is undefined where PgBouncer does not run any more. */
function hold(pooler: ContainerAddress): OpenCommand<string | undefined> {
  return openExec(pooler, ["pause-pools", String(AT_MOST), String(WRITER_PORT), String(READER_PORT)]);
}

/**
 * Until every PgBouncer says that no connection to a server is left; one that went away has none.
 *
 * @throws StillBusy
 */
async function untilHeld(held: readonly OpenCommand<string | undefined>[]): Promise<void> {
  const all = Promise.all(held.map(({ firstLine }) => firstLine)).then(() => true);
  if (await ifInTime(withTimeout(all, ENDED_WITHIN, "transactions"))) return;
  throw new StillBusy(
    `Transactions through PgBouncer ran for longer than ${ENDED_WITHIN / 1000} s at each of ${ATTEMPTS} attempts, so ` +
      `nothing was done. Look for them (npm run report shows the longest), let them end, and try again.`,
  );
}

async function close(held: readonly OpenCommand<string | undefined>[]): Promise<void> {
  await Promise.all(held.map((command) => command.close()));
}

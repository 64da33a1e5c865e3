import { setTimeout as pause } from "node:timers/promises";
import { isUnreachable } from "../../lib/postgres/session.ts";
import { running } from "../../lib/docker/containers.ts";
import { atConsole, type PgBouncerInstance, type RunOnConsole } from "../../lib/pgbouncerConsole.ts";
import { untilNoneLogsIn } from "./pendingLogins.ts";

/** A transaction that takes longer is cut with its connection: services' statements end after 30 s. In ms. */
const ENDED_WITHIN = 35_000;
const POLL = 200;
/** A container that has just been made listens in a moment. In ms. */
const TAKES_CONNECTIONS_WITHIN = 10_000;

/**
 * Lets every PgBouncer that runs open its server connections anew, each as soon as its transaction ends: no client
 * notices. Done when the former ones are gone, or after 35 s.
 *
 * @param passwords  of the console
 * @param database   only the connections of this entry
 */
export async function reconnect(
  poolers: readonly PgBouncerInstance[],
  passwords: readonly string[],
  database?: string,
): Promise<void> {
  const deadline = Date.now() + ENDED_WITHIN;
  for (const pooler of await running(poolers)) {
    const command = database === undefined ? "RECONNECT" : `RECONNECT ${database}`;
    await whereItAnswers(pooler, passwords, async (run) => {
      await untilNoneLogsIn(run, database);
      await run(command);
      while ((await hasFormerConnections(run)) && Date.now() < deadline) await pause(POLL);
    });
  }
}

async function hasFormerConnections(run: RunOnConsole): Promise<boolean> {
  const servers = await run<{ close_needed: number | string }>("SHOW SERVERS");
  return servers.some(({ close_needed }) => Number(close_needed) === 1);
}

/**
 * Does something at the console, again from its beginning where that went away; nothing where PgBouncer takes no
 * connection: one that starts, stops or is being replaced has none to a server either.
 */
async function whereItAnswers(
  pooler: PgBouncerInstance,
  passwords: readonly string[],
  act: (run: RunOnConsole) => Promise<void>,
): Promise<void> {
  const deadline = Date.now() + TAKES_CONNECTIONS_WITHIN;
  for (;;) {
    try {
      return await atConsole(pooler, passwords, act);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      if (Date.now() > deadline) return;
    }
    await pause(POLL);
  }
}

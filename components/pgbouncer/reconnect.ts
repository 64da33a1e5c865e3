import { isUnreachable } from "../../lib/postgres/session.ts";
import { running } from "../../lib/docker/containers.ts";
import { atConsole, type PgBouncerInstance, type RunOnConsole } from "../../lib/pgbouncerConsole.ts";
import { ifInTime, TimedOut, waitFor, withTimeout } from "../../lib/wait.ts";
import { untilNoneLogsIn } from "./pendingLogins.ts";

/** A transaction that takes longer is cut with its connection: services' statements end after 30 s. In ms. */
const ENDED_WITHIN = 35_000;
const POLL = 200;
/** A container that has just been made listens in a moment. In ms. */
const TAKES_CONNECTIONS_WITHIN = 10_000;
/** All that is done at a console, with its waits; one that hangs is reported. In ms. */
const CONSOLE_WITHIN = 60_000;

/**
 * Lets every PgBouncer that runs replace its server connections, each as soon as its transaction ends: no client
 * notices. Done when the former ones are gone, or after 35 s.
 *
 * @param passwords  of the console
 * @param databases  only the connections of these entries; a PgBouncer that has not got its pools yet has none
 */
export async function reconnect(
  poolers: readonly PgBouncerInstance[],
  passwords: readonly string[],
  databases?: readonly string[],
): Promise<void> {
  const limit = performance.now() + ENDED_WITHIN;
  for (const pooler of await running(poolers)) {
    await whereItAnswers(pooler, passwords, async (run) => {
      await untilNoneLogsIn(run, databases);
      for (const command of await commands(run, databases)) await run(command);
      const within = Math.max(limit - performance.now(), 0);
      const what = `${pooler.container} to end its former connections`;
      await ifInTime(waitFor(() => hasOnlyNewConnections(run), { within, every: POLL, what }));
    });
  }
}

async function commands(run: RunOnConsole, databases?: readonly string[]): Promise<string[]> {
  if (databases === undefined) return ["RECONNECT"];
  const found = (await run<{ name: string }>("SHOW DATABASES")).map(({ name }) => name);
  return databases.filter((name) => found.includes(name)).map((name) => `RECONNECT ${name}`);
}

async function hasOnlyNewConnections(run: RunOnConsole): Promise<boolean> {
  const servers = await run<{ close_needed: number | string }>("SHOW SERVERS");
  return !servers.some(({ close_needed }) => Number(close_needed) === 1);
}

/**
 * Does something at the console, again from its beginning where that went away; nothing where PgBouncer does not run any
 * more: it has no connection to a server either.
 *
 * @throws TimedOut where it runs and takes no connection: it may have former ones
 */
async function whereItAnswers(
  pooler: PgBouncerInstance,
  passwords: readonly string[],
  act: (run: RunOnConsole) => Promise<void>,
): Promise<void> {
  let isAway = false;
  const attempt = async () => {
    isAway = false;
    try {
      const done = atConsole(pooler, passwords, act).then(() => true);
      return await withTimeout(done, CONSOLE_WITHIN, `the console of ${pooler.container}`);
    } catch (error) {
      isAway = isUnreachable(error) && !(error instanceof TimedOut);
      throw error;
    }
  };
  const limits = { within: TAKES_CONNECTIONS_WITHIN, every: POLL, look: Infinity };
  const what = `${pooler.container} to take connections`;
  await waitFor(attempt, { ...limits, what, waitOut: () => isAway }).catch(async (error: unknown) => {
    if (!isAway || (await running([pooler])).length > 0) throw error;
  });
}

import { ifInTime, waitFor } from "../../lib/wait.ts";
import { atConsole, type PgBouncerInstance, type RunOnConsole } from "../../lib/pgbouncerConsole.ts";

/** A server that does not answer is logged in to again and again: nothing is lost by cutting that. In ms. */
const LOGGED_IN_WITHIN = 10_000;
const POLL = 20;

/**
 * Waits until PgBouncer is logging in to no server, for 10 s at most.
 *
 * RECONNECT, a pause, and a reload that sends a pool elsewhere cut a login short, and PgBouncer takes that for a server
 * that refuses: until the next login has succeeded, clients of a pool without another connection are told that "server
 * login has been failing". So what does one of these asks here first, on the same console; a round trip remains.
 *
 * @param databases  only logins of these entries
 */
export async function untilNoneLogsIn(run: RunOnConsole, databases?: readonly string[]): Promise<void> {
  const look = async () => {
    const servers = await run<{ database: string; state: string }>("SHOW SERVERS");
    return !servers.some(({ database, state }) => state === "new" && (databases?.includes(database) ?? true));
  };
  await ifInTime(
    waitFor(look, { within: LOGGED_IN_WITHIN, every: POLL, what: "PgBouncer's logins to servers to end" }),
  );
}

/** The same for all of these PgBouncers, one after the other; one whose console does not answer is passed over. */
export async function untilNoneLogsInAnywhere(
  poolers: readonly PgBouncerInstance[],
  passwords: readonly string[],
): Promise<void> {
  for (const pooler of poolers)
    await atConsole(pooler, passwords, (run) => untilNoneLogsIn(run)).catch(() => undefined);
}

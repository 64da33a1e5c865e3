import type pg from "pg";
import { setTimeout as pause } from "node:timers/promises";
import { isUnreachable } from "../deploy/session.ts";
import { running } from "../docker.ts";
import { onConsole, type PoolerInstance } from "./console.ts";

/** A transaction that takes longer is cut with its connection: services' statements end after 30 s. In ms. */
const ENDED_WITHIN = 35_000;
const POLL = 200;
/** A container that has just been made listens in a moment. In ms. */
const TAKES_CONNECTIONS_WITHIN = 10_000;

/**
 * Lets every PgBouncer that runs open its server connections anew, each as soon as its transaction ends: no client
 * notices. Done when the former ones are gone, or after 35 s.
 *
 * @param password  of the console
 * @param database  only the connections of this entry
 */
export async function reconnect(
  poolers: readonly PoolerInstance[],
  password: string,
  database?: string,
): Promise<void> {
  const deadline = Date.now() + ENDED_WITHIN;
  for (const pooler of await running(poolers)) {
    const command = database === undefined ? "RECONNECT" : `RECONNECT ${database}`;
    if ((await answered(pooler, password, command)) === undefined) continue;
    while ((await hasFormerConnections(pooler, password)) && Date.now() < deadline) await pause(POLL);
  }
}

async function hasFormerConnections(pooler: PoolerInstance, password: string): Promise<boolean> {
  const servers = await answered<{ close_needed: number | string }>(pooler, password, "SHOW SERVERS");
  return (servers ?? []).some(({ close_needed }) => Number(close_needed) === 1);
}

/**
 * What the console says; undefined where PgBouncer takes no connection: one that starts, stops or is being replaced
 * has none to a server either.
 */
async function answered<Row extends pg.QueryResultRow>(
  pooler: PoolerInstance,
  password: string,
  command: string,
): Promise<Row[] | undefined> {
  const deadline = Date.now() + TAKES_CONNECTIONS_WITHIN;
  for (;;) {
    try {
      return await onConsole<Row>(pooler, password, command);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      if (Date.now() > deadline) return undefined;
    }
    await pause(POLL);
  }
}

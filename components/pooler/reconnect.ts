import { setTimeout as pause } from "node:timers/promises";
import { running } from "../docker.ts";
import { onConsole, type PoolerInstance } from "./console.ts";

/** A transaction that takes longer is cut with its connection: services' statements end after 30 s. In ms. */
const ENDED_WITHIN = 35_000;
const POLL = 200;

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
    await onConsole(pooler, password, database === undefined ? "RECONNECT" : `RECONNECT ${database}`);
    while ((await hasFormerConnections(pooler, password)) && Date.now() < deadline) await pause(POLL);
  }
}

async function hasFormerConnections(pooler: PoolerInstance, password: string): Promise<boolean> {
  const servers = await onConsole<{ close_needed: number | string }>(pooler, password, "SHOW SERVERS");
  return servers.some(({ close_needed }) => Number(close_needed) === 1);
}

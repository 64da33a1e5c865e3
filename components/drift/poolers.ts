import { onConsole, type PoolerInstance } from "../pooler/console.ts";
import type { Drift } from "./drift.ts";

/** A pool that takes no clients on. */
export interface HeldPool {
  pooler: string;
  pool: string;
  state: "paused" | "disabled";
}

/** The pools of one PgBouncer that are paused or disabled. */
export async function readHeldPools(
  pooler: string,
  address: PoolerInstance,
  password: string,
): Promise<HeldPool[]> {
  const rows = await onConsole<{ name: string; paused: string; disabled: string }>(
    address,
    password,
    "SHOW DATABASES",
  );
  return rows
    .filter(({ name, paused, disabled }) => name !== "pgbouncer" && (isSet(paused) || isSet(disabled)))
    .map(({ name, paused }) => ({ pooler, pool: name, state: isSet(paused) ? "paused" : "disabled" }));
}

const isSet = (flag: unknown) => Number(flag) !== 0;

/** One line for each PgBouncer: pools are mostly paused all at once. */
export function driftOfPoolers(held: readonly HeldPool[]): Drift[] {
  return [...new Set(held.map(({ pooler }) => pooler))].map((pooler) => {
    const pools = held.filter((one) => one.pooler === pooler);
    return {
      what: `PgBouncer ${pooler}`,
      is: pools.map(({ pool, state }) => `${state} for ${pool}`).join(", "),
      should: "serving",
      remedy: "up lets it serve again",
      repaired: true,
    };
  });
}

/** Lets a PgBouncer serve again. */
export async function release(
  address: PoolerInstance,
  password: string,
  held: readonly HeldPool[],
): Promise<void> {
  for (const { pool, state } of held) {
    if (state === "disabled") await onConsole(address, password, `ENABLE ${pool}`);
  }
  if (held.some(({ state }) => state === "paused")) await onConsole(address, password, "RESUME");
}

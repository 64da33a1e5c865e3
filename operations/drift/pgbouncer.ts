import { onConsole, type PgBouncerInstance } from "../../lib/pgbouncerConsole.ts";
import type { Drift } from "./driftReport.ts";

const ALL = "all pools";

/** A pool that takes no clients on. */
export interface HeldPool {
  pooler: string;
  /** Its name, or {@link ALL}. */
  pool: string;
  state: "paused" | "disabled";
}

/** What one PgBouncer holds back: pools one by one, and all of them, which is a state of its own. */
export async function readHeldPools(
  pooler: string,
  address: PgBouncerInstance,
  passwords: readonly string[],
): Promise<HeldPool[]> {
  const state = await onConsole<{ key: string; value: string }>(address, passwords, "SHOW STATE");
  const databases = await onConsole<{ name: string; paused: unknown; disabled: unknown }>(
    address,
    passwords,
    "SHOW DATABASES",
  );
  const isPaused = state.some(({ key, value }) => key === "paused" && value === "yes");
  return [
    ...(isPaused ? [{ pooler, pool: ALL, state: "paused" as const }] : []),
    ...databases
      .filter(({ name, paused, disabled }) => name !== "pgbouncer" && (isSet(paused) || isSet(disabled)))
      .map(({ name, disabled }) => ({
        pooler,
        pool: name,
        state: isSet(disabled) ? ("disabled" as const) : ("paused" as const),
      })),
  ];
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
  address: PgBouncerInstance,
  passwords: readonly string[],
  held: readonly HeldPool[],
): Promise<void> {
  for (const { pool, state } of held) {
    const database = pool === ALL ? "" : ` ${pool}`;
    await onConsole(address, passwords, `${state === "disabled" ? "ENABLE" : "RESUME"}${database}`);
  }
}

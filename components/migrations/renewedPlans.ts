import { messageOf } from "../../lib/errors.ts";
import type { PgBouncerInstance } from "../../lib/pgbouncerConsole.ts";
import { reconnect } from "../pgbouncer/reconnect.ts";

/** The PgBouncers whose clients have prepared statements. */
export interface Poolers {
  /** By alias. */
  poolers: Record<string, PgBouncerInstance>;
  /** Of the console: all that may be valid, the one to use first. */
  poolerPasswords: string[];
}

/**
 * Applies files, and lets every PgBouncer replace its server connections. Those keep what clients have prepared: a `SELECT *`
 * of a table that has got a column fails there for good ("cached plan must not change result type"), for new clients as well.
 *
 * @param where  starts the message
 * @throws what `act` throws: the files before a failed one are applied, so PgBouncer is told then, too
 * @throws Error where a PgBouncer cannot be told; the files are applied
 */
export async function withRenewedPlans<T>(
  where: string,
  { poolers, poolerPasswords }: Poolers,
  act: () => Promise<T>,
): Promise<T> {
  const renew = () => reconnect(Object.values(poolers), poolerPasswords);
  let result: T;
  try {
    result = await act();
  } catch (error) {
    await renew().catch(() => undefined); // the next update does it again
    throw error;
  }
  await renew().catch((error: unknown) => {
    throw new Error(
      `${where}: the files are applied, but PgBouncer was not told (${messageOf(error)}), so statements that clients ` +
        "prepared on a changed table may fail. Run up again",
      { cause: error },
    );
  });
  return result;
}

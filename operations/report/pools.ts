import { inSession } from "../../lib/postgres/session.ts";
import type { Report } from "./schema.ts";

type Pool = Report["pools"][number];

/** The pools of one PgBouncer, from its console. @param url  of its database `pgbouncer` */
export async function readPools(pooler: string, url: string): Promise<Pool[]> {
  const { rows } = await inSession(
    { at: url },
    (client) => client.query<Record<string, string>>("SHOW POOLS"),
    { connectWithinMs: 5_000 },
  );
  return rows.filter((row) => row["database"] !== "pgbouncer").map((row) => poolOf(pooler, row));
}

/** A row of `SHOW POOLS`. Servers that are being tested or were just used are idle for our purpose. */
function poolOf(pooler: string, row: Readonly<Record<string, string>>): Pool {
  const number = (...columns: string[]): number =>
    columns.reduce((sum, column) => sum + Number(row[column] ?? 0), 0);
  return {
    pooler,
    database: row["database"] ?? "",
    user: row["user"] ?? "",
    clientsActive: number("cl_active"),
    clientsWaiting: number("cl_waiting"),
    serversActive: number("sv_active"),
    serversIdle: number("sv_idle", "sv_used", "sv_tested"),
    maxWaitSeconds: number("maxwait") + number("maxwait_us") / 1_000_000,
  };
}

import { APPLICATION_LOGIN } from "../../lib/names.ts";
import { DrillError } from "./error.ts";
import { rowKey } from "./clientLog.ts";
import type { DrillStack } from "./stack.ts";

/** Which primary answers: its timeline, and when its server was started. */
const PRIMARY =
  "left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || '@' || extract(epoch FROM pg_postmaster_start_time())";

/** Writes the row of a client and a number. */
export const INSERT = `INSERT INTO drill.written (client, number) VALUES ($1, $2) RETURNING ${PRIMARY} AS primary`;

/** The last number of a client. */
export const READ = "SELECT max(number) FROM drill.written WHERE client = $1";

const COMMENT = "Rows that npm run drill writes. It drops them at its end.";

/** A schema of the drill's own on the primary, as the superuser: services create no tables. */
export async function createRows(stack: DrillStack): Promise<void> {
  const [foreign] = await stack.sql(
    `SELECT 1 FROM pg_namespace
     WHERE nspname = 'drill' AND obj_description(oid, 'pg_namespace') IS DISTINCT FROM '${COMMENT}'`,
  );
  if (foreign !== undefined)
    throw new DrillError(
      `Stack ${stack.name} has a schema "drill" that is not the drill's: rename or drop it.`,
    );
  await stack.sql(
    `BEGIN;
     DROP SCHEMA IF EXISTS drill CASCADE;
     CREATE SCHEMA drill;
     COMMENT ON SCHEMA drill IS '${COMMENT}';
     CREATE TABLE drill.written (client text, number int, PRIMARY KEY (client, number));
     GRANT USAGE ON SCHEMA drill TO ${APPLICATION_LOGIN};
     GRANT SELECT, INSERT ON drill.written TO ${APPLICATION_LOGIN};
     COMMIT`,
  );
}

/** Every row that the primary has, by {@link rowKey}. */
export async function storedRows(stack: DrillStack): Promise<Set<string>> {
  const rows = await stack.sql<{ client: string; number: number }>(
    "SELECT client, number FROM drill.written",
  );
  return new Set(rows.map(({ client, number }) => rowKey(client, number)));
}

export async function dropRows(stack: DrillStack): Promise<void> {
  await stack.sql("DROP SCHEMA IF EXISTS drill CASCADE");
}

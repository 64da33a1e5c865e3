import type pg from "pg";
import { UserError } from "../../lib/errors.ts";
import { monthStart } from "./clock.ts";
import type { Dataset, TableData } from "./dataset.ts";

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Tables whose rows decide by a time of their own which partition they belong to. */
const timed = (tables: readonly TableData[]) =>
  tables.filter((table) => !table.isTimedByServer).map(({ name }) => name as string);

/**
 * Sees to it that no row is dropped over the next night.
 * @param monitor  a session that may read platform.partition_policies
 * @throws Fault that names the tables
 */
export async function checkRetention(
  monitor: pg.Client,
  set: Dataset,
  tables: readonly TableData[],
): Promise<void> {
  const { rows } = await monitor.query<{ table: string; months: number }>(
    `SELECT format('%s.%s', schema_name, table_name) AS table, retention_months AS months
     FROM platform.partition_policies
     WHERE format('%s.%s', schema_name, table_name) = ANY ($1) AND retention_months IS NOT NULL ORDER BY 1`,
    [timed(tables)],
  );
  const short = rows.filter(({ months }) => set.start < monthStart(Date.now(), months));
  if (short.length === 0) return;
  throw new UserError(
    `${short.map(({ table, months }) => `${table} (${months} months)`).join(", ")}: rows from ${day(set.start)} on would ` +
      `be dropped by tonight's retention. Take fewer --months.`,
  );
}

/**
 * Sees to it that each row will find its partition.
 * @param monitor  a session that may read platform.partition_coverage
 * @throws Fault that names the tables and what to do
 */
export async function checkMonths(
  monitor: pg.Client,
  set: Dataset,
  tables: readonly TableData[],
): Promise<void> {
  const { rows } = await monitor.query<{ table: string; schema: string; from: Date | null; to: Date }>(
    `SELECT format('%s.%s', schema_name, table_name) AS table, schema_name AS schema,
       covered_from AS from, covered_to AS to
     FROM platform.partition_coverage WHERE format('%s.%s', schema_name, table_name) = ANY ($1) ORDER BY 1`,
    [timed(tables)],
  );
  const short = rows.filter(
    ({ from, to }) => !from || from.getTime() > set.start || to.getTime() < set.until,
  );
  if (short.length === 0) return;
  const schemas = [...new Set(short.map(({ schema }) => `'${schema}'`))].join(", ");
  throw new UserError(
    `${short.map(({ table }) => table).join(", ")}: no partitions for all of ${day(set.start)} to ${day(set.until)}. ` +
      `The month before this one and those ahead are always there; for others, run this as superuser on the primary:\n` +
      `SELECT step.* FROM platform.partition_policies AS policy, platform.ensure_months(policy, '${day(set.start)}', ` +
      `'${day(set.until)}') AS step WHERE policy.schema_name IN (${schemas});`,
  );
}

/** Makes the months that are missing. @param superuser  the functions are for acgs_owner and superusers only */
export async function makeMonths(
  superuser: pg.Client,
  set: Dataset,
  tables: readonly TableData[],
): Promise<void> {
  const { rows } = await superuser.query<{ step: string }>(
    `SELECT format('%s: %s', step.partition_name, step.detail) AS step
     FROM platform.partition_policies AS policy, platform.ensure_months(policy, $1::date, $2::date) AS step
     WHERE format('%s.%s', policy.schema_name, policy.table_name) = ANY ($3) AND step.action = 'skipped'`,
    [day(set.start), day(set.until), timed(tables)],
  );
  if (rows.length > 0)
    throw new UserError(`Partitions were not made: ${rows.map(({ step }) => step).join("; ")}`);
}

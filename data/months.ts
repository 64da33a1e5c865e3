import type pg from "pg";
import { Fault } from "../setup/fault.ts";
import { monthStart } from "./clock.ts";
import type { Dataset, TableData } from "./dataset.ts";

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Tables whose rows decide by a time of their own which partition they belong to. */
const timed = (tables: readonly TableData[]) =>
  tables.filter((table) => !table.isTimedByServer).map(({ name }) => name as string);

interface Coverage {
  table: string;
  from: Date;
  to: Date;
  retention: number | null;
}

/**
 * Sees to it that each row will find its partition, and keep it over the next night.
 * @param monitor  a session that may read platform.partition_coverage
 * @throws Fault that names the tables and what to do
 */
export async function checkMonths(
  monitor: pg.Client,
  set: Dataset,
  tables: readonly TableData[],
): Promise<void> {
  const { rows } = await monitor.query<Coverage>(
    `SELECT format('%s.%s', schema_name, table_name) AS table, covered_from AS from, covered_to AS to,
       policy.retention_months AS retention
     FROM platform.partition_coverage INNER JOIN platform.partition_policies AS policy USING (schema_name, table_name)
     WHERE format('%s.%s', schema_name, table_name) = ANY ($1)`,
    [timed(tables)],
  );
  const short = rows.filter(
    ({ from, to }) => !from || from.getTime() > set.start || to.getTime() < set.until,
  );
  if (short.length > 0) {
    const schemas = [...new Set(short.map(({ table }) => `'${table.split(".")[0]}'`))].join(", ");
    throw new Fault(
      `${short.map(({ table }) => table).join(", ")}: no partitions for all of ${day(set.start)} to ${day(set.until)}. ` +
        `The month before this one and those ahead are always there; for others, run this as superuser on the primary:\n` +
        `SELECT step.* FROM platform.partition_policies AS policy, platform.ensure_months(policy, '${day(set.start)}', ` +
        `'${day(set.until)}') AS step WHERE policy.schema_name IN (${schemas});`,
    );
  }
  const forgotten = rows.filter(
    ({ retention }) => retention !== null && set.start < monthStart(Date.now(), retention),
  );
  if (forgotten.length > 0) {
    throw new Fault(
      `${forgotten.map(({ table, retention }) => `${table} (${retention} months)`).join(", ")}: rows from ` +
        `${day(set.start)} on would be dropped by tonight's retention. Take fewer --months.`,
    );
  }
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
    throw new Fault(`Partitions were not made: ${rows.map(({ step }) => step).join("; ")}`);
}

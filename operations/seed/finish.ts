import type pg from "pg";
import { DAY } from "./clock.ts";
import { time } from "./copyText.ts";
import type { Dataset } from "./dataset.ts";
import type { Sessions } from "./sessions.ts";

/** Each round of sealing ends after some seconds. */
const SEAL_ROUNDS = 1000;

/** A function of the database that was called, by its signature, and how long it took. */
export interface FinishedStep {
  what: string;
  seconds: number;
}

/** What the jobs of a stack would do in a while: derive what follows from the new rows, and look at them for the planner. */
export async function finish(
  sessions: Sessions,
  set: Dataset,
  schema: string,
  onStep: (what: string) => void,
): Promise<FinishedStep[]> {
  const steps: FinishedStep[] = [];
  const client = await sessions.session(`${schema}_service`);
  for (const [signature, run] of [...(DERIVED[schema] ?? []), refreshStatistics(schema)]) {
    // A schema without such a function leaves it to autovacuum.
    if (!(await mayCall(client, signature))) continue;
    onStep(signature);
    const started = performance.now();
    await run(client, set);
    steps.push({ what: signature, seconds: (performance.now() - started) / 1000 });
  }
  return steps;
}

type Step = [signature: string, run: (client: pg.Client, set: Dataset) => Promise<void>];

const DERIVED: Record<string, Step[]> = {
  ac: [["ac.refresh_compliance_summary()", (client) => call(client, "ac.refresh_compliance_summary()")]],
  integrity: [
    [
      "integrity.seal_audit_logs(integer, integer)",
      async (client) => {
        for (let round = 0; round < SEAL_ROUNDS; round++) {
          const { rows } = await client.query<{ n: string }>("SELECT integrity.seal_audit_logs() AS n");
          if (rows[0]?.n === "0") return;
        }
      },
    ],
  ],
  dgm: [
    [
      "dgm.aggregate_metrics(text, timestamptz, timestamptz)",
      async (client, set) => {
        await call(client, `dgm.aggregate_metrics('day', '${time(set.start)}', '${time(set.until)}')`);
        await call(
          client,
          `dgm.aggregate_metrics('hour', '${time(set.until - 2 * DAY)}', '${time(set.until)}')`,
        );
      },
    ],
  ],
};

/** The service cannot ANALYZE tables that it does not own; this function can. */
const refreshStatistics = (schema: string): Step => [
  `${schema}.refresh_statistics()`,
  (client) => call(client, `${schema}.refresh_statistics()`),
];

async function mayCall(client: pg.Client, signature: string): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    "SELECT coalesce(has_function_privilege(to_regprocedure($1)::oid, 'EXECUTE'), false) AS may",
    [signature],
  );
  return rows[0]!.may;
}

async function call(client: pg.Client, expression: string): Promise<void> {
  await client.query("BEGIN; SET LOCAL statement_timeout = 0");
  try {
    await client.query(`SELECT ${expression}`);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

import { cpus } from "node:os";
import { SERVICES } from "../../lib/names.ts";
import { sizeParameters } from "../../components/postgres/sizing.ts";
import { buildImage } from "../../testing/images.ts";
import { measurePairs, type Comparison, type Figures } from "../comparison.ts";
import { loadMetrics, METRICS, UNPARTITIONED } from "../metrics.ts";
import type { Part } from "../part.ts";
import { creation, planning } from "../partitionCatalogue.ts";
import { measured, sayProgress } from "../progress.ts";
import { startSeedServer } from "../seedServer.ts";
import { Session } from "../session.ts";

/** As much as the dev stack's members have: less than ten million rows with their indexes take. */
const MEMORY_MB = 2_048;
/** Full months of rows before the current one, and so the most pairs of a retention that takes the oldest each time. */
const MONTHS = 13;

/** Tables partitioned by month against the same rows in one table, and what the partitions themselves cost. */
export const partitions: Part = async ({ workspace, stack, options }) => {
  await stack.remove();
  const image = await buildImage("postgres");
  const parameters = sizeParameters({
    memoryMb: MEMORY_MB,
    cpus: cpus().length,
    storage: "ssd",
    workload: "oltp",
    maxConnections: 200,
    members: 1,
  });
  const schemas = SERVICES.map(({ schema }) => schema);
  const args = { name: "partitions", image, memoryMb: MEMORY_MB, parameters };
  const server = await startSeedServer(workspace, args, schemas);
  const session = await Session.open(server);
  const pairs = Math.min(options.pairs, MONTHS - 3);

  const comparisons = [await creation(session, pairs), await planning(session, pairs)];
  await loadMetrics(server, options.rows, MONTHS);
  comparisons.push(
    await monthQuery("one-month query, indexes of the requirements", 10),
    await retention(pairs),
    await indexedMonthQuery(),
  );
  return {
    comparisons,
    notes: [
      `partitions: ${options.rows} metrics over ${MONTHS} months in dgm.performance_metrics, and the same rows in one table ` +
        `of the same columns and indexes, on one server of ${MEMORY_MB} MB. The query counts and averages one month. None of the requirements' indexes begins with the time, so one table is read as a whole; with an index on it ` +
        `("index on the time") it is the best that one table can do. Retention: platform.drop_months against DELETE, and ` +
        `("vacuumed") with the VACUUM that frees the space. Both are warm: each query runs once before it counts.`,
      `Twelve months of all partitioned tables are made by platform.ensure_months in one transaction; by hand is CREATE TABLE … ` +
        `PARTITION OF, which locks out all writers. Planning is the median of the server's own planning time of a query for ` +
        `one month, over 200 plans in one session.`,
    ],
  };

  /** Each pair takes another month, the same on both sides. */
  async function monthQuery(name: string, atLeast?: number): Promise<Comparison> {
    let runs = 0;
    const query = (table: string) => () => {
      const offset = 2 + (Math.floor(runs++ / 2) % (MONTHS - 3));
      return measured(`${name}, ${table}`, () => timedTwice(session, monthAggregate(table, offset)));
    };
    return {
      name,
      subject: "partitioned",
      reference: "one table",
      // Of the ratio of times: ten times as fast is a tenth.
      shown: [
        {
          figure: "time",
          unit: "ms",
          ...(atLeast !== undefined && { goal: { atMost: 1 / atLeast, of: "ratio" as const } }),
        },
      ],
      pairs: await measurePairs(options.pairs, query(METRICS), query(UNPARTITIONED)),
    };
  }

  async function indexedMonthQuery(): Promise<Comparison> {
    sayProgress("an index on the time of the one table");
    await session.timed(`CREATE INDEX ON ${UNPARTITIONED} ("timestamp" DESC)`);
    await session.timed(`VACUUM (ANALYZE) ${UNPARTITIONED}`);
    return monthQuery("one-month query, index on the time");
  }

  /** The oldest month goes, then the one after it. */
  async function retention(count: number): Promise<Comparison> {
    const next = { drop: MONTHS, delete: MONTHS };
    const drop = async (): Promise<Figures> => {
      const to = monthStart(--next.drop);
      const time = await session.timed(`SELECT * FROM platform.drop_months('${METRICS}', ${to})`);
      return { time, vacuumed: time };
    };
    const remove = async (): Promise<Figures> => {
      const to = monthStart(--next.delete);
      const time = await session.timed(`DELETE FROM ${UNPARTITIONED} WHERE "timestamp" < ${to}`);
      return { time, vacuumed: time + (await session.timed(`VACUUM ${UNPARTITIONED}`)) };
    };
    return {
      name: "retention of one month",
      subject: "drop",
      reference: "delete",
      shown: [
        { figure: "time", unit: "ms" },
        { figure: "vacuumed", unit: "ms" },
      ],
      pairs: await measurePairs(
        count,
        () => measured("retention, drop", drop),
        () => measured("retention, delete", remove),
      ),
    };
  }
};

/** Start of the month so many months ago, midnight UTC: a literal, since an expression would be computed for each row. */
function monthStart(ago: number): string {
  const now = new Date();
  return `'${new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1)).toISOString()}'::timestamptz`;
}

function monthAggregate(table: string, ago: number): string {
  return `SELECT count(*), avg(metric_value), max(metric_value) FROM ${table}
    WHERE "timestamp" >= ${monthStart(ago)} AND "timestamp" < ${monthStart(ago - 1)}`;
}

/** The second of two runs. */
async function timedTwice(session: Session, statement: string): Promise<Figures> {
  await session.timed(statement);
  return { time: await session.timed(statement) };
}

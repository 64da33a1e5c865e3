import type pg from "pg";
import { UserError } from "../../lib/errors.ts";
import { createRecord, readRecord, recordFilled, recordUnfinished, settle } from "./seedRecord.ts";
import { Dataset, type DatasetOptions, type TableData } from "./dataset.ts";
import { batchesOf, fillBatch, missingBatches } from "./fill.ts";
import { finish, type FinishedStep } from "./finish.ts";
import { MAX_SEED } from "./keys.ts";
import { checkMonths, checkRetention, makeMonths } from "./months.ts";
import { Sessions, type Connect } from "./sessions.ts";
import type { TableName } from "./shares.ts";
import { loginOf, schemaOf, selectTables } from "./tables.ts";

/** The month before and the one of `until`: those that always have partitions. */
export const DEFAULT_MONTHS = 2;
/** The seed where none is given. */
export const DEFAULT_SEED = 1;
/** Tables filled side by side. More would only wait for each other's locks and the same cores. */
const LANES = 2;

/** What is to be filled, and who is told of it. */
export interface SeedOptions {
  /** Rows of all tables together. */
  rows: number;
  /** 0 to {@link MAX_SEED}. @default 1 */
  seed?: number;
  /** Calendar months (UTC) that time series cover, that of `until` included. @default 2 */
  months?: number;
  /** End of all time series. @default now */
  until?: Date;
  /** Only these, and those they reference, with the rows that they would have among all. */
  tables?: readonly string[];
  /** Makes months that have no partition yet, as `postgres`: {@link Connect} must know that login. @default false */
  makesMonths?: boolean;
  onStart?(options: DatasetOptions, rows: number): void;
  /** So many rows more are on their way; below zero when they did not arrive. */
  onRows?(table: TableName, rows: number): void;
  onStep?(what: string): void;
}

/** A table that has all its rows. */
export interface FilledTable {
  name: TableName;
  /** Rows that this run brought; the rest was there. */
  added: number;
  seconds: number;
}

/** A table could not be filled, or a step after it done; what is there stays, and another run goes on from it. */
export class FillError extends Error {
  readonly what: string;

  constructor(what: string, cause: Error) {
    const { detail, where } = cause as pg.DatabaseError;
    super([`${what}: ${cause.message}`, detail, where].filter(Boolean).join("\n"), { cause });
    this.what = what;
  }
}

/** What a run did. */
export interface SeedReport {
  /** What was in force: of an interrupted run, what was asked for then. */
  options: DatasetOptions;
  tables: FilledTable[];
  /** What was computed from the rows. */
  steps: FinishedStep[];
  seconds: number;
  /** Time that this process spent on making rows. */
  generatingSeconds: number;
}

/**
 * Fills the tables of all schemas with rows that the seed, the number of rows, the months and the end decide. Rows that are
 * there already, of a run that was interrupted or finished, are passed over.
 *
 * @param connect  opens a session as a service's login, as `acgs_monitor`, and as `postgres` for `makesMonths`
 * @throws Fault when the seed was used for something else, or months have no partitions
 */
export async function seedData(connect: Connect, asked: SeedOptions): Promise<SeedReport> {
  const started = performance.now();
  const selected = selectTables(asked.tables);
  const seed = checkedSeed(asked.seed ?? DEFAULT_SEED);
  const sessions = new Sessions(connect);
  try {
    const auth = await sessions.session("auth_service");
    const record = await readRecord(auth, seed);
    const options = settle(
      seed,
      { rows: asked.rows, months: asked.months, until: asked.until?.getTime() },
      record,
      { months: DEFAULT_MONTHS, until: Date.now() },
    );
    const set = new Dataset(options);
    const filled = record?.filled ?? [];
    const left = selected.filter(({ name }) => !filled.includes(name));
    const report: SeedReport = { options, tables: [], steps: [], seconds: 0, generatingSeconds: 0 };
    const unfinished = new Set([...(record?.unfinished ?? []), ...left.map(schemaOf)]);
    if (left.length > 0) {
      const monitor = await sessions.session("acgs_monitor");
      await checkRetention(monitor, set, left);
      if (asked.makesMonths) await makeMonths(await sessions.session("postgres"), set, left);
      await checkMonths(monitor, set, left);
      if (!record) await createRecord(auth, options);
      await recordUnfinished(auth, seed, [...unfinished]);
      asked.onStart?.(
        options,
        left.reduce((sum, { name }) => sum + set.counts[name], 0),
      );
      await new Filling(connect, set, left, asked, report, (name) => {
        filled.push(name);
        return recordFilled(auth, seed, filled);
      }).run();
    }
    for (const schema of [...unfinished]) {
      await attempt(schema, async () => {
        report.steps.push(...(await finish(sessions, set, schema, (what) => asked.onStep?.(what))));
        unfinished.delete(schema);
        await recordUnfinished(auth, seed, [...unfinished]);
      });
    }
    report.seconds = (performance.now() - started) / 1000;
    return report;
  } finally {
    await sessions.end();
  }
}

async function attempt(what: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    throw new FillError(what, error as Error);
  }
}

function checkedSeed(seed: number): number {
  if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED)
    throw new UserError(`A seed is a whole number from 0 to ${MAX_SEED}; this is ${seed}.`);
  return seed;
}

/** Tables are filled side by side, each by one session from its first row to its last, so its rows lie in their order. */
class Filling {
  private readonly connect: Connect;
  private readonly set: Dataset;
  private readonly waiting: TableData[];
  private readonly open: Set<TableName>;
  private readonly options: SeedOptions;
  private readonly report: SeedReport;
  private readonly onFilled: (table: TableName) => Promise<void>;
  /** Those who wait for another table. */
  private sleepers: (() => void)[] = [];
  private failed = false;

  constructor(
    connect: Connect,
    set: Dataset,
    tables: readonly TableData[],
    options: SeedOptions,
    report: SeedReport,
    onFilled: (table: TableName) => Promise<void>,
  ) {
    this.connect = connect;
    this.set = set;
    // The longest first, so that none of them is left over for one session while the other has nothing to do.
    this.waiting = tables.toSorted((a, b) => set.counts[b.name] - set.counts[a.name]);
    this.open = new Set(tables.map(({ name }) => name));
    this.options = options;
    this.report = report;
    this.onFilled = onFilled;
  }

  async run(): Promise<void> {
    const lanes = Array.from({ length: LANES }, () => this.lane());
    const ends = await Promise.allSettled(lanes);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  private async lane(): Promise<void> {
    const sessions = new Sessions(this.connect);
    try {
      while (this.waiting.length > 0 && !this.failed) {
        const ready = this.waiting.findIndex(({ needs }) => !needs?.some((name) => this.open.has(name)));
        if (ready === -1) {
          await new Promise<void>((resolve) => this.sleepers.push(resolve));
          continue;
        }
        const [table] = this.waiting.splice(ready, 1);
        await attempt(table!.name, async () => this.fill(table!, await sessions.session(loginOf(table!))));
      }
    } catch (error) {
      this.failed = true;
      throw error;
    } finally {
      this.wake();
      await sessions.end();
    }
  }

  private async fill(table: TableData, client: pg.Client): Promise<void> {
    const started = performance.now();
    const rows = table.rows(this.set);
    const batches = batchesOf(this.set.counts[table.name]);
    const missing = await missingBatches(client, table, rows, batches);
    const all = this.set.counts[table.name];
    const added = missing.reduce((sum, { first, end }) => sum + end - first, 0);
    this.options.onRows?.(table.name, all - added);
    for (const batch of missing) {
      if (this.failed) return;
      await fillBatch(client, table, rows, batch, {
        rows: (count) => this.options.onRows?.(table.name, count),
        generated: (ms) => (this.report.generatingSeconds += ms / 1000),
      });
    }
    await this.onFilled(table.name);
    this.report.tables.push({ name: table.name, added, seconds: (performance.now() - started) / 1000 });
    this.open.delete(table.name);
    this.wake();
  }

  /** A table is full, or a session has ended: who waits may look again. */
  private wake(): void {
    for (const sleeper of this.sleepers.splice(0)) sleeper();
  }
}

import { type Clock, monthStart, officeClock, steadyClock } from "./clock.ts";
import { Keys, numericKey } from "./keys.ts";
import { Random } from "./random.ts";
import { rowCounts, type TableName } from "./shares.ts";

/** Rows that one transaction brings: all of them or none. */
export const BATCH_ROWS = 20_000;

/** What decides every row, whatever the machine. */
export interface DatasetOptions {
  /** Rows of all tables together. */
  rows: number;
  seed: number;
  /** Calendar months (UTC) that time series cover: the one of `until` and those before it. */
  months: number;
  /** Time series end before this, in ms since 1970. */
  until: number;
}

/** The rows of one run: how many each table gets, their keys and times. Tables look each other's keys up in it. */
export class Dataset {
  readonly options: DatasetOptions;
  readonly counts: Readonly<Record<TableName, number>>;
  /** Part of every name that must be unique, so that neither another seed nor real rows have the same. */
  readonly tag: string;
  readonly start: number;
  readonly until: number;
  /** Times of what people do, and of what programs do unasked. */
  readonly office: Clock;
  readonly steady: Clock;
  private readonly keysByName = new Map<string, Keys>();

  constructor(options: DatasetOptions) {
    this.options = options;
    this.counts = rowCounts(options.rows);
    this.tag = `s${options.seed}`;
    this.until = options.until;
    this.start = monthStart(options.until - 1, options.months - 1);
    this.office = officeClock(this.start, this.until);
    this.steady = steadyClock(this.start, this.until);
  }

  /** Keys of a table's rows, or of other things that have a name. */
  keys(name: string): Keys {
    let keys = this.keysByName.get(name);
    if (!keys) this.keysByName.set(name, (keys = new Keys(this.options.seed, name)));
    return keys;
  }

  /** Key of the nth row of a table whose keys are numbers. */
  number(i: number): number {
    return numericKey(this.options.seed, i);
  }

  random(name: string): Random {
    return new Random(this.options.seed, name);
  }
}

/** How one table is filled. */
export interface TableData {
  readonly name: TableName;
  readonly columns: readonly string[];
  /** The columns (with their types) by which a row is found again; `id uuid` unless said otherwise. */
  readonly key?: Readonly<Record<string, string>>;
  /** Tables of the same schema that this one references. */
  readonly needs?: readonly TableName[];
  /** Row-level security forbids COPY to those it applies to: these rows, a few, are inserted. */
  readonly hasRowSecurity?: boolean;
  /** The server sets the time that decides the partition: the present month, whatever the rows tell of. */
  readonly isTimedByServer?: boolean;
  rows(set: Dataset): TableRows;
}

/** The rows of one table, by number from 0. */
export interface TableRows {
  /** Values of the key's columns in the nth row; asked for the first row of a batch only. */
  key(i: number): string[];
  /** The nth row in COPY's text format, without its end of line. */
  row(i: number): string;
}

import cliProgress from "cli-progress";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import { MONITOR_LOGIN } from "../../lib/names.ts";
import { UserError, messageOf } from "../../lib/errors.ts";
import { openSession } from "../../lib/postgres/session.ts";
import { say } from "../../lib/progress.ts";
import { FillError, seedData, type SeedOptions, type SeedReport } from "./seedData.ts";
import { textTable } from "../../lib/text/table.ts";
import { count } from "../../lib/text/words.ts";
import type { Connect } from "./sessions.ts";

/** Without a terminal a line is written so often (ms). */
const LINE_EVERY = 10_000;

/** Fills a stack through its poolers and shows how far it is, on stderr. {@link summary} says what it took. */
export async function fillStack(outputs: StackOutputs, asked: SeedOptions): Promise<SeedReport> {
  const bar = progressBar();
  try {
    const report = await seedData(throughPoolers(outputs), {
      ...asked,
      onStart({ seed, rows, months, until }, left) {
        say(
          `› ${count(rows)} rows of seed ${seed} over ${months} months until ${new Date(until).toISOString()}`,
        );
        bar.start(left);
      },
      onRows: (table, rows) => bar.add(rows, table),
      onStep(what) {
        bar.stop();
        say(`› ${what}`);
      },
    });
    bar.stop();
    if (report.tables.length === 0 && report.steps.length === 0) {
      say(
        `The rows of seed ${report.options.seed} are there already (${count(report.options.rows)} of all tables): ` +
          `nothing was done. Another --seed adds further ones.`,
      );
    }
    return report;
  } catch (error) {
    bar.stop();
    if (!(error instanceof FillError)) throw error;
    throw new UserError(`${error.message}\nWhat is there stays; the same command goes on from it.`, {
      cause: error,
    });
  }
}

function throughPoolers({ services, monitor }: StackOutputs): Connect {
  return async (login) => {
    const url = login === MONITOR_LOGIN ? monitor.url : services[login as keyof typeof services].url;
    return openSession({ at: url }, { applicationName: "seed-data" }).catch((error: unknown) => {
      throw new UserError(`${login} gets no connection: ${messageOf(error)}`, { cause: error });
    });
  };
}

interface Progress {
  start(total: number): void;
  add(rows: number, what: string): void;
  stop(): void;
}

/** A bar on a terminal; without one, a line every now and then. */
function progressBar(): Progress {
  const bar = new cliProgress.SingleBar(
    {
      format:
        "{bar} {percentage} % | {value} of {total} rows | {rate} rows/s | {eta_formatted} left | {what}",
      formatValue: (value, _, kind) => (kind === "value" || kind === "total" ? count(value) : String(value)),
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: LINE_EVERY,
      etaBuffer: 200,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  );
  let started = 0;
  let done = 0;
  return {
    start(total) {
      started = performance.now();
      bar.start(total, 0, { rate: 0, what: "" });
    },
    add(rows, what) {
      done += rows;
      bar.update(done, { rate: count((done * 1000) / (performance.now() - started)), what });
    },
    stop: () => bar.stop(),
  };
}

/** Rows, seconds and speed of each table, and of all. */
export function summary({ tables, steps, seconds, generatingSeconds }: SeedReport): string {
  const added = tables.reduce((sum, one) => sum + one.added, 0);
  const rows = [
    ...tables
      .toSorted((a, b) => b.added - a.added)
      .map((one) => [one.name, count(one.added), one.seconds.toFixed(1), count(one.added / one.seconds)]),
    ...steps.map((one) => [one.what.replace(/\(.*/, "()"), "", one.seconds.toFixed(1), ""]),
    ["all", count(added), seconds.toFixed(1), count(added / seconds)],
  ];
  const columns = ["table", "rows", "seconds", "rows/s"].map((title, i) => ({
    title,
    cell: (row: string[]) => row[i]!,
    right: i > 0,
  }));
  return [
    ...textTable(columns, rows, Infinity),
    `Two tables are filled at a time. Making the rows took ${generatingSeconds.toFixed(1)} s of this.`,
  ].join("\n");
}

import { type Column, textTable, wrap } from "../../lib/text/table.ts";
import type { Expectation, Figures } from "./expectations.ts";
import { type Figure, type Violation, overRounds, sentence, shown } from "./evaluate.ts";
import type { FaultName } from "./names.ts";
import type { StackShape } from "./stack.ts";

/** What came of one fault put on a stack once. */
export interface Round {
  figures: Figures;
  /** What was done, such as `acgs-dev-postgres-1 killed`. */
  done: string;
  /** The primary before and after. */
  primary: { before: string; after: string };
  /** Rows that were acknowledged. */
  acknowledged: number;
  /** The longest time (ms) without a write by any of the writers. */
  commonWriteGap: number;
  /** Write gap of each client, in ms. */
  gaps: Record<string, number>;
  /** Some of the rows that were lost, and of those that two primaries acknowledged. */
  examples: string[];
  /** How often clients met each message. */
  errors: Record<string, number>;
  /**
   * The session left open on the old primary: rows it was told were written before the fault and after it began, the
   * last of them so long (ms) after, and what ended it. Undefined where there was none.
   */
  openSession?: { before: number; after: number; lastAfterMs: number | null; end?: string };
  /** The longest halt (ms) of the drill's own process: no gap is known more sharply. */
  ownHalt: number;
  /** Load average of the machine (one minute) at its beginning. */
  load: number;
}

export interface FaultReport {
  fault: FaultName;
  what: string;
  expectation: Expectation;
  rounds: Round[];
  misses: Violation[];
  /** Why it was not put on this stack. */
  impossible?: string;
  /** Why it could not be run to its end. */
  failed?: string;
  /** Whether an update would change nothing afterwards; null where nobody asked. */
  unchanged: boolean | null;
  /** What it would change. */
  changes?: string;
}

/** What a drill prints as JSON. Times in ms. */
export interface DrillReport {
  stack: string;
  /** ISO 8601. */
  at: string;
  machine: { cores: number; memoryMb: number };
  shape: StackShape;
  faults: FaultReport[];
  /** Why it ended before all faults had their turn. */
  ended?: string;
}

export const isMissed = (report: FaultReport): boolean =>
  report.misses.length > 0 || report.unchanged === false || report.failed !== undefined;

/** Whether all went as promised. */
export const isPassed = (report: DrillReport): boolean =>
  report.ended === undefined && !report.faults.some(isMissed);

/** A figure over all rounds, for people. */
function cell(figure: Figure): (report: FaultReport) => string {
  return ({ rounds }) =>
    shown(
      figure,
      overRounds(
        figure,
        rounds.map(({ figures }) => figures),
      ),
    );
}

const several =
  (...figures: Figure[]) =>
  (report: FaultReport): string =>
    figures.map((figure) => cell(figure)(report)).join("/");

const COLUMNS: readonly Column<FaultReport>[] = [
  { title: "fault", cell: ({ fault }) => fault },
  { title: "write gap", cell: cell("writeGap"), right: true },
  { title: "read gap", cell: cell("readGap"), right: true },
  { title: "Redis gap", cell: cell("redisGap"), right: true },
  { title: "failed w/r/R", cell: several("failedWrites", "failedReads", "failedRedis"), right: true },
  { title: "lost rows/keys", cell: several("lostRows", "lostKeys"), right: true },
  { title: "2 primaries", cell: cell("splitBrain"), right: true },
  { title: "whole", cell: cell("redundancy"), right: true },
  { title: "", cell: (one) => (isMissed(one) ? "MISSED" : "ok") },
];

/** The report for people, in lines of at most so many characters. */
export function render(report: DrillReport, width: number): string {
  const { shape, faults } = report;
  const run = faults.filter(({ impossible }) => impossible === undefined);
  const about =
    `Stack ${report.stack}: ${shape.members} PostgreSQL members, commits wait for ` +
    `${shape.synchronous ? "a replica" : "no replica"}; ${shape.etcd} etcd, ${shape.routers} HAProxy, ` +
    `${shape.poolers} PgBouncer, ${shape.redisNodes} Redis nodes. ${report.machine.cores} cores. ` +
    "Gap: the longest time in which one client got no acknowledgement. Failed: writes, reads, in Redis. " +
    "Whole: until full redundancy. Times are medians of the rounds, counts are of the worst round.";
  const lines = [...wrap(about, width), "", ...textTable(COLUMNS, run, width)];
  const load = Math.max(0, ...faults.flatMap(({ rounds }) => rounds.map((round) => round.load)));
  const { cores } = report.machine;
  if (load > 2 * cores) {
    const busy = `The machine was busy with other work (load ${load.toFixed(1)} on ${cores} cores): times are longer for it.`;
    lines.push("", ...wrap(busy, width));
  }
  const notes = faults.flatMap((one) => notesOn(one).map((note) => `${one.fault}: ${note}`));
  if (notes.length > 0) lines.push("", ...notes.flatMap((note) => wrap(note, width)));
  if (report.ended !== undefined) lines.push("", ...wrap(`Ended early: ${report.ended}`, width));
  return `${lines.join("\n")}\n`;
}

function notesOn({ impossible, misses, unchanged, changes, rounds, expectation }: FaultReport): string[] {
  if (impossible !== undefined) return [`not run: ${impossible}.`];
  const values = (figure: Figure) => rounds.map(({ figures }) => shown(figure, figures[figure])).join(", ");
  return [
    ...(rounds.length > 1 ? [`write gaps of the rounds: ${values("writeGap")}.`] : []),
    ...misses.map(
      (miss) => `MISSED ${sentence(miss)}${rounds.length > 1 ? ` (${values(miss.figure)})` : ""}.`,
    ),
    ...rounds.flatMap(({ examples }) => (examples.length > 0 ? [`rows ${examples.join(", ")}.`] : [])),
    ...(unchanged === false ? [`MISSED an update would change something: ${changes ?? ""}`] : []),
    ...(expectation.note === undefined ? [] : [`not promised: ${expectation.note}.`]),
  ];
}

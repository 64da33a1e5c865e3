import { parseArgs } from "node:util";
import { UserError } from "../lib/errors.ts";

/** The parts in the order in which they run: the stack that `up` leaves is the one the next ones need. */
export const PARTS = [
  "up",
  "unchanged",
  "redis",
  "tls",
  "queries",
  "load",
  "services",
  "partitions",
  "indexBuild",
  "tuned",
] as const;
export type PartName = (typeof PARTS)[number];

export interface BenchOptions {
  parts: PartName[];
  /** Short and rough, to see whether the benchmark works: its figures are not kept. */
  quick: boolean;
  /** Only brings docs/bench.md to the newest results. */
  page: boolean;
  /** Pairs of each comparison but `up`. */
  pairs: number;
  /** Pairs of `up`, which takes a minute or more each. */
  upPairs: number;
  /** Length of one run of pgbench. */
  seconds: number;
  /** Rows in the stack's tables. */
  rows: number;
}

const FULL = { pairs: 5, upPairs: 2, seconds: 4, rows: 10_000_000 };
const QUICK = { pairs: 2, upPairs: 1, seconds: 2, rows: 50_000 };

/** Reads `[part…] [--quick] [--page] [--pairs N] [--up-pairs N] [--rows N] [--seconds N]`. @throws Fault for anything else */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parsed(args);
  const unknown = positionals.filter((name) => !PARTS.includes(name as PartName));
  if (unknown.length > 0) {
    throw new UserError(
      `No part of the benchmark is called ${unknown.join(", ")}; the parts are ${PARTS.join(", ")}.`,
    );
  }
  const quick = values.quick ?? false;
  const defaults = quick ? QUICK : FULL;
  return {
    ...defaults,
    parts: PARTS.filter((part) => positionals.length === 0 || positionals.includes(part)),
    quick,
    page: values.page ?? false,
    rows: count("--rows", values.rows, 1_000_000_000) ?? defaults.rows,
    pairs: count("--pairs", values.pairs) ?? defaults.pairs,
    upPairs: count("--up-pairs", values["up-pairs"]) ?? defaults.upPairs,
    seconds: count("--seconds", values.seconds) ?? defaults.seconds,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: "boolean" },
        page: { type: "boolean" },
        rows: { type: "string" },
        pairs: { type: "string" },
        "up-pairs": { type: "string" },
        seconds: { type: "string" },
      },
    });
  } catch (error) {
    throw new UserError(
      `${(error as Error).message}. Options are --quick, --page, --pairs, --up-pairs, --rows and --seconds.`,
    );
  }
}

function count(option: string, text: string | undefined, most = 1_000): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new UserError(`${option} takes a whole number from 1 to ${most}, not ${JSON.stringify(text)}.`);
}

import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { projectDir } from "../lib/paths.ts";
import { newLogFile } from "../lib/progress.ts";
import { summarize, type Comparison } from "./comparison.ts";
import type { Commit, Machine } from "./machine.ts";
import type { BenchOptions } from "./options.ts";

/** Everything that one run of the benchmark found. */
export interface Results extends Commit {
  /** ISO 8601, UTC. */
  started: string;
  /** Duration of the whole run. */
  seconds: number;
  command: string;
  machine: Machine;
  options: BenchOptions;
  comparisons: Comparison[];
  /** What a reader of the figures has to know, of one part or of the whole run. */
  notes: { part: string | undefined; text: string }[];
  /** Parts that failed, with the reason. */
  failures: { part: string; message: string }[];
}

/**
 * Writes all figures, with each comparison's summary, to `bench/results/<date>-<commit>.json`; a quick run's,
 * which prove nothing, go to the logs.
 *
 * @returns the file, from the project's root
 */
export async function writeResults(results: Results): Promise<string> {
  const file = results.options.quick ? newLogFile("bench quick", "json") : await resultFile(results);
  const comparisons = results.comparisons.map((comparison) => ({
    ...comparison,
    summary: summarize(comparison).map(({ figure, subjectMedian, referenceMedian, ratio }) => ({
      figure,
      subjectMedian,
      referenceMedian,
      ratio,
    })),
  }));
  await writeFile(file, `${JSON.stringify({ ...results, comparisons }, undefined, 2)}\n`);
  return relative(projectDir, file);
}

async function resultFile({ started, commit, modified }: Results): Promise<string> {
  const directory = join(projectDir, "bench", "results");
  await mkdir(directory, { recursive: true });
  const name = `${started.slice(0, 10)}-${commit}${modified ? "-modified" : ""}`;
  for (let run = 1; ; run++) {
    const file = join(directory, `${name}${run === 1 ? "" : `-${run}`}.json`);
    if (!existsSync(file)) return file;
  }
}

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Results } from "../results.ts";

/** What the newest run that measured a part has found of it. */
export interface PartResults extends Omit<Results, "failures"> {
  part: string;
  /** The file that holds it, without its folder. */
  file: string;
}

/** The newest results of each part, by its name, out of a folder of result files. */
export async function newestResults(directory: string): Promise<Map<string, PartResults>> {
  const files = (await readdir(directory)).filter((file) => file.endsWith(".json"));
  const runs = await Promise.all(
    files.map(async (file) => ({
      file,
      ...(JSON.parse(await readFile(join(directory, file), "utf8")) as Results),
    })),
  );
  const newest = new Map<string, PartResults>();
  for (const run of runs.sort((a, b) => (a.started < b.started ? -1 : 1))) {
    const parts = new Set(run.comparisons.map((comparison) => comparison.part));
    for (const part of parts) {
      if (part === undefined) continue;
      const comparisons = run.comparisons.filter((comparison) => comparison.part === part);
      const notes = run.notes.filter((note) => note.part === part || note.part === undefined);
      newest.set(part, { ...run, part, comparisons, notes });
    }
  }
  return newest;
}

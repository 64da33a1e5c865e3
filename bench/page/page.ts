import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { summarize } from "../comparison.ts";
import { renderTable } from "../table.ts";
import { newestResults, type PartResults } from "./newest.ts";
import { ratioPlot } from "./plot.ts";

const marks = (part: string) => ({
  start: `<!-- bench:${part}:start -->`,
  end: `<!-- bench:${part}:end -->`,
});
/** Matches the page's start marks, in their order. */
const MARK = /<!-- bench:([a-z-]+):start -->/gi;

const NOT_MEASURED = "Not measured yet.";

/** Brings the figures and plots of `docs/bench.md` to the newest results. Returns the files written, from the root. */
export async function writePage(root: string): Promise<string[]> {
  const page = join(root, "docs", "bench.md");
  const results = await newestResults(join(root, "bench", "results"));
  await mkdir(join(root, "docs", "bench"), { recursive: true });
  const written = [];
  for (const [part, found] of results) {
    const file = join("docs", "bench", `${part}.svg`);
    await writeFile(join(root, file), await ratioPlot(found.comparisons.flatMap(summarize)));
    written.push(file);
  }
  await writeFile(page, fillPage(await readFile(page, "utf8"), results));
  return [...written, join("docs", "bench.md")];
}

/**
 * The page with each part's section filled between its marks.
 *
 * @throws Error for results of a part that the page has no marks for
 */
export function fillPage(page: string, results: ReadonlyMap<string, PartResults>): string {
  const marked = [...page.matchAll(MARK)].map((match) => match[1]!);
  const missing = [...results.keys()].filter((part) => !marked.includes(part));
  if (missing.length > 0)
    throw new Error(`docs/bench.md has no place for ${missing.join(", ")}: ${marks("part").start}`);
  return marked.reduce((text, part) => {
    const { start, end } = marks(part);
    const found = results.get(part);
    const [before, rest = ""] = text.split(start);
    const after = rest.split(end)[1];
    if (after === undefined) throw new Error(`docs/bench.md does not close ${start}.`);
    return `${before}${start}\n\n${found ? section(found) : NOT_MEASURED}\n\n${end}${after}`;
  }, page);
}

function section(found: PartResults): string {
  const { machine, part } = found;
  const modified = found.modified ? " with changes" : "";
  const source =
    `Measured on ${found.started.slice(0, 10)} by \`${found.command}\` at commit ${found.commit}${modified}: ${machine.cpu}, ` +
    `${machine.cores} cores, ${Math.round(machine.memoryMb / 1024)} GB, ${machine.kernel.replace(/-.*/, "")}, ` +
    `Docker ${machine.docker}, load ${machine.loadBefore.toFixed(1)} before. ` +
    `All figures: [bench/results/${found.file}](../bench/results/${found.file}).`;
  return [
    source,
    `![Ratios of ${part}](bench/${part}.svg)`,
    renderTable(found.comparisons.flatMap(summarize)),
    ...(found.notes.length > 0 ? [found.notes.map(({ text }) => `- ${text}`).join("\n")] : []),
  ].join("\n\n");
}

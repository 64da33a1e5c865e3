import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PARTS } from "../../../bench/options.ts";
import { newestResults } from "../../../bench/page/newest.ts";
import { fillPage } from "../../../bench/page/page.ts";
import { ratioPlot } from "../../../bench/page/plot.ts";
import { summarize, type Comparison } from "../../../bench/comparison.ts";

const root = resolve(import.meta.dirname, "../../..");

const comparison = (part: string, seconds: number): Comparison => ({
  part,
  name: "what",
  subject: "ours",
  reference: "theirs",
  shown: [{ figure: "seconds", unit: "s", goal: { of: "ratio", atMost: 2 } }],
  pairs: [1, 1.1, 0.9].map((noise) => ({ subject: { seconds: seconds * noise }, reference: { seconds: 1 } })),
});
const run = (started: string, ...comparisons: Comparison[]) => ({
  started,
  seconds: 60,
  commit: "abc1234",
  modified: false,
  command: "npm run bench",
  machine: {
    cpu: "CPU",
    cores: 2,
    memoryMb: 24_106,
    kernel: "linux 6.18.4-x",
    docker: "20.10",
    loadBefore: 0.1,
  },
  comparisons,
  notes: [
    { part: undefined, text: "of all" },
    { part: "up", text: "of up" },
  ],
});
const page = (...parts: string[]) =>
  parts
    .map((part) => `# ${part}\n\n<!-- bench:${part}:start -->\nold\n<!-- bench:${part}:end -->\n\nWords.\n`)
    .join("");

describe("the page", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "acgs-bench-page-"));
    const runs = [
      run("2026-01-02T00:00:00Z", comparison("up", 3)),
      run("2026-01-01T00:00:00Z", comparison("up", 5), comparison("tuned", 7)),
    ];
    for (const [i, one] of runs.entries()) await writeFile(join(directory, `${i}.json`), JSON.stringify(one));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it("holds the newest figures of each part, with their machine, notes and plot, and leaves the words", async () => {
    const filled = fillPage(page("up", "tuned"), await newestResults(directory));
    expect(filled).not.toContain("old");
    expect(filled.match(/Words\./g)).toHaveLength(2);
    expect(filled).toMatch(/what, seconds\s+\| 3\.0 s \(ours\)/);
    expect(filled).toMatch(/what, seconds\s+\| 7\.0 s \(ours\)/);
    expect(filled).not.toContain("5.0 s");
    expect(filled).toContain("CPU, 2 cores, 24 GB, linux 6.18.4");
    expect(filled).toContain("![Ratios of up](bench/up.svg)");
    expect(filled.match(/^- of up$/gm)).toHaveLength(1);
    expect(filled.match(/^- of all$/gm)).toHaveLength(2);
  });

  it("refuses results without a place, and says what was not measured", async () => {
    const results = await newestResults(directory);
    expect(() => fillPage(page("up"), results)).toThrow("docs/bench.md has no place for tuned");
    expect(fillPage(page("up", "tuned", "load"), results).match(/Not measured yet\./g)).toHaveLength(1);
  });
});

describe("a plot", () => {
  it("shows each figure's ratio, its interval and its goal", async () => {
    const svg = await ratioPlot([comparison("up", 3), comparison("up", 0.5)].flatMap(summarize));
    expect(svg).toMatch(/^<svg/);
    expect(svg.match(/what, seconds: ours \/ theirs/g)?.length).toBeGreaterThanOrEqual(2);
    expect(svg).toContain("ratio, with its 95 % interval");
    expect(svg).toContain("#c0392b");
  });
});

describe("docs/bench.md", () => {
  it("is what `npm run bench -- --page` makes of bench/results, with a place for every part", async () => {
    const results = await newestResults(join(root, "bench", "results"));
    const text = await readFile(join(root, "docs", "bench.md"), "utf8");
    expect(fillPage(text, results)).toBe(text);
    for (const part of PARTS) expect(text).toContain(`<!-- bench:${part}:start -->`);
    const plots = (await readdir(join(root, "docs", "bench"))).filter((file) => file.endsWith(".svg"));
    expect(plots.sort()).toEqual([...results.keys()].map((part) => `${part}.svg`).sort());
  });
});

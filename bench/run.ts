// `npm run bench [-- part… --quick --pairs N --up-pairs N --rows N --seconds N | --page]`: figures of the stack as ratios, each side by
// side with what it is judged by, in one run. docs/bench.md says how to read them.
import { UserError, messageOf } from "../lib/errors.ts";
import { projectDir } from "../lib/paths.ts";
import { say } from "../lib/progress.ts";
import { summarize } from "./comparison.ts";
import { DevStack } from "./devStack.ts";
import { describeCommit, describeMachine } from "./machine.ts";
import { parseOptions, type PartName } from "./options.ts";
import { writePage } from "./page/page.ts";
import type { Part, PartContext } from "./part.ts";
import { indexBuild } from "./parts/indexBuild.ts";
import { load } from "./parts/load.ts";
import { partitions } from "./parts/partitions.ts";
import { queries } from "./parts/queries.ts";
import { redis } from "./parts/redis.ts";
import { services } from "./parts/services.ts";
import { tls } from "./parts/tls.ts";
import { tuned } from "./parts/tuned.ts";
import { unchanged } from "./parts/unchanged.ts";
import { up } from "./parts/up.ts";
import { interrupt, Interrupted, wasInterrupted } from "./process.ts";
import { PROGRAM } from "./pulumiProject.ts";
import { writeResults, type Results } from "./results.ts";
import { renderTable } from "./table.ts";
import { Workspace } from "./workspace.ts";

const PARTS: Record<PartName, Part> = {
  up,
  unchanged,
  redis,
  tls,
  queries,
  load,
  services,
  partitions,
  indexBuild,
  tuned,
};

async function main(args: string[]): Promise<number> {
  const begun = performance.now();
  const options = parseOptions(args);
  if (options.page) {
    for (const file of await writePage(projectDir)) say(`› ${file}`);
    return 0;
  }
  const results: Results = {
    started: new Date().toISOString(),
    seconds: 0,
    ...(await describeCommit(PROGRAM)),
    command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    machine: await describeMachine(),
    options,
    comparisons: [],
    notes: [],
    failures: [],
  };
  const workspace = await Workspace.create();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  try {
    const context = { workspace, stack: await DevStack.create(workspace), options };
    for (const name of options.parts) await runPart(name, context, results);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    say("› removing what the benchmark has made");
    await workspace.close();
  }
  if (wasInterrupted()) return 130;

  results.seconds = Math.round((performance.now() - begun) / 1000);
  await show(results);
  return results.failures.length === 0 ? 0 : 1;
}

/** A part that fails does not take the figures of the others with it. */
async function runPart(name: PartName, context: PartContext, results: Results): Promise<void> {
  say(`› ${name}`);
  try {
    const { comparisons, notes } = await PARTS[name](context);
    results.comparisons.push(...comparisons.map((comparison) => ({ ...comparison, part: name })));
    results.notes.push(...notes.map((text) => ({ part: name, text })));
  } catch (error) {
    if (wasInterrupted()) throw new Interrupted();
    const shown = error instanceof UserError ? error.message : ((error as Error).stack ?? messageOf(error));
    say(`✗ ${name}: ${shown}`);
    // Without the stack: it names folders of this machine.
    results.failures.push({ part: name, message: messageOf(error) });
  }
}

async function show(results: Results): Promise<void> {
  const { machine, commit, modified } = results;
  if (machine.loadBefore > machine.cores / 2) {
    const load = `${machine.loadBefore.toFixed(1)} on ${machine.cores} cores`;
    const text = `The machine was busy when the run began (load ${load}): times are longer for it.`;
    results.notes.unshift({ part: undefined, text });
  }
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryMb} MB, ${machine.kernel}, load ${machine.loadBefore.toFixed(1)} before`,
    `commit ${commit}${modified ? " with changes" : ""}, ${results.started}, ${results.command}, ${results.seconds} s`,
    "",
    results.comparisons.length > 0 ? renderTable(results.comparisons.flatMap(summarize)) : "No figures.",
    "",
    ...results.notes.map(({ text }) => `- ${text}`),
    "",
    `All figures: ${await writeResults(results)}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function stop(): void {
  if (wasInterrupted()) return;
  say("✗ interrupted: removing what the benchmark has made; this takes some seconds");
  interrupt();
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(`✗ ${error instanceof UserError ? error.message : ((error as Error).stack ?? messageOf(error))}`);
  process.exitCode = 1;
}

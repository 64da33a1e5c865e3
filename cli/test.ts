import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { UserError, messageOf } from "../lib/errors.ts";
import { projectDir } from "../lib/paths.ts";
import { prepare } from "../setup/prepare.ts";
import { runAttached } from "../lib/process.ts";
import { newLogFile, say } from "../lib/progress.ts";
import { toolEnvironment } from "../lib/pulumi/tool.ts";
import {
  afterSecondRun,
  failedFiles,
  sum,
  totalLine,
  totalOfVitest,
  type Total,
  type VitestReport,
} from "./testTotal.ts";
import { define } from "./command.ts";
import { EXIT } from "./exitStatus.ts";
import { runChecks } from "./lint.ts";
import { print } from "./output.ts";

/**
 * The parts in their order, cheapest first: the minutes that each takes on a quiet machine of two cores, and those after
 * which it is taken to hang.
 */
const PARTS = {
  lint: { takes: 1, limit: 5 },
  unit: { takes: 2, limit: 8 },
  integration: { takes: 4, limit: 15 },
  toolchain: { takes: 1, limit: 8 },
  sql: { takes: 14, limit: 25 },
  stack: { takes: 27, limit: 45 },
};
/** Minutes for the whole with its set-up. */
const WHOLE = 65;
/**
 * Parts that run whole clusters on a machine that may be busy. A file of theirs that failed is run once more, and the end
 * names it: a fault that shows in one run of two is still a fault, but does not stop another change.
 */
const RUN_AGAIN: readonly Part[] = ["integration", "sql", "stack"];
/** More files than this that fail in one part are no accident. */
const MOST_RUN_AGAIN = 2;
type Part = keyof typeof PARTS;
type VitestPart = Exclude<Part, "lint">;

interface TestArguments {
  parts: Part[];
  flags: string[];
}

/** Whatever happens, the last line on stdout is the total. */
export const test = define<TestArguments>({
  name: "test",
  group: "Work on this project:",
  purpose: "Runs all tests, or the parts named. The last line is the total: N passed, N failed.",
  words: "[part…]",
  wordsHelp: `Parts: ${Object.keys(PARTS).join(", ")}.`,
  passesFlagsTo: "vitest",
  example: 'test unit sql -t "pools"',
  read: sortParts,
  async run({ parts, flags }) {
    let total: Total = { passed: 0, failed: 0 };
    const again: string[] = [];
    say(announcement(parts));
    try {
      const env = parts.some((part) => part !== "lint")
        ? toolEnvironment(await prepare(), process.env)
        : process.env;
      for (const part of parts) {
        say(`\n› ${part}`);
        const one = part === "lint" ? totalOfLint(await runChecks()) : await runPart(part, flags, env, again);
        say(`${one.failed === 0 ? "✓" : "✗"} ${part}: ${totalLine(one)}`);
        total = sum([total, one]);
      }
    } catch (error) {
      say(`✗ ${messageOf(error)}`);
      total = sum([total, { passed: 0, failed: 1 }]);
    }
    if (again.length > 0) say(`Failed once, and passed when run again: ${again.join(", ")}`);
    if (parts.length < Object.keys(PARTS).length) say(`This was a part: ${parts.join(", ")}.`);
    print(`${totalLine(total)}\n`);
    return total.failed === 0 ? EXIT.ok : EXIT.failed;
  },
});

/** Parts come before vitest's flags. @throws UserError for an unknown part */
function sortParts(words: string[]): TestArguments {
  const all = Object.keys(PARTS) as Part[];
  const firstFlag = words.findIndex((word) => word.startsWith("-"));
  const named = firstFlag === -1 ? words : words.slice(0, firstFlag);
  const unknown = named.filter((name) => !all.includes(name as Part));
  if (unknown.length > 0)
    throw new UserError(
      `No part of the tests is called ${unknown.join(", ")}; the parts are ${all.join(", ")}.`,
    );
  const parts = named.length > 0 ? all.filter((part) => named.includes(part)) : all;
  return { parts, flags: firstFlag === -1 ? [] : words.slice(firstFlag) };
}

function totalOfLint(checks: { passed: boolean }[]): Total {
  const passed = checks.filter((check) => check.passed).length;
  return { passed, failed: checks.length - passed };
}

/** What runs, and how long it takes. */
export function announcement(parts: readonly Part[]): string {
  const minutes = parts.map((part) => PARTS[part].takes);
  const each = parts.map((part) => `${part} ${PARTS[part].takes}`).join(", ");
  return `Tests, in minutes on two quiet cores: ${each}; ${minutes.reduce((a, b) => a + b, 0)} in all.`;
}

interface VitestRun {
  report: VitestReport | undefined;
  total: Total;
}

/** @param again  files that passed only when they were run again are added */
async function runPart(
  part: VitestPart,
  flags: string[],
  env: NodeJS.ProcessEnv,
  again: string[],
): Promise<Total> {
  const first = await runVitest(part, flags, env);
  const files = failedFiles(first.report).map((file) => relative(projectDir, file));
  if (flags.length > 0 || !RUN_AGAIN.includes(part)) return first.total;
  if (files.length === 0 || files.length > MOST_RUN_AGAIN) return first.total;
  say(`\n› ${part}, once more: ${files.join(", ")}`);
  const second = await runVitest(part, files, env);
  const passed = files.filter((file) => !failedFiles(second.report).includes(join(projectDir, file)));
  if (second.report) again.push(...passed);
  return afterSecondRun(first.report!, second.total);
}

/** Each part is a process of its own: two cores, and a crash in one part leaves the others' results. */
async function runVitest(part: VitestPart, flags: string[], env: NodeJS.ProcessEnv): Promise<VitestRun> {
  const file = newLogFile(`vitest ${part}`, "json");
  const vitest = join(projectDir, "node_modules", "vitest", "vitest.mjs");
  const args = [
    vitest,
    "run",
    "--project",
    part,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
    ...flags,
  ];
  const timeout = Math.min(PARTS[part].limit * 60_000, WHOLE * 60_000 - performance.now());
  if (timeout <= 0) {
    say(`No time is left: ${WHOLE} min are over.`);
    return { report: undefined, total: { passed: 0, failed: 1 } };
  }
  const status = await runAttached(process.execPath, args, { cwd: projectDir, env, timeout });
  const report = readReport(file);
  return { report, total: totalOfVitest(report, status) };
}

function readReport(file: string): VitestReport | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  } catch {
    return undefined; // killed while it wrote
  }
}

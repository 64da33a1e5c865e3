import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError, messageOf } from "../lib/errors.ts";
import { projectDir } from "../lib/paths.ts";
import { prepare } from "../setup/prepare.ts";
import { runAttached } from "../lib/process.ts";
import { newLogFile, say } from "../lib/progress.ts";
import { toolEnvironment } from "../lib/pulumi/tool.ts";
import { sum, totalLine, totalOfVitest, type Total, type VitestReport } from "./testTotal.ts";
import { define } from "./command.ts";
import { EXIT } from "./exitStatus.ts";
import { runChecks } from "./lint.ts";
import { print } from "./output.ts";

/** The parts in their order, cheapest first, with the time (min) after which one is taken to hang. */
const PARTS = { lint: 5, unit: 8, integration: 12, toolchain: 8, sql: 20, stack: 40 };
/** Time (min) for the whole with its set-up; a quiet machine of two cores needs about 35. */
const WHOLE = 50;
type Part = keyof typeof PARTS;

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
    try {
      const env = parts.some((part) => part !== "lint")
        ? toolEnvironment(await prepare(), process.env)
        : process.env;
      for (const part of parts) {
        say(`\n› ${part}`);
        const one = part === "lint" ? totalOfLint(await runChecks()) : await runVitest(part, flags, env);
        say(`${one.failed === 0 ? "✓" : "✗"} ${part}: ${totalLine(one)}`);
        total = sum([total, one]);
      }
    } catch (error) {
      say(`✗ ${messageOf(error)}`);
      total = sum([total, { passed: 0, failed: 1 }]);
    }
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

/** Each part is a process of its own: two cores, and a crash in one part leaves the others' results. */
async function runVitest(
  part: Exclude<Part, "lint">,
  flags: string[],
  env: NodeJS.ProcessEnv,
): Promise<Total> {
  const report = newLogFile(`vitest ${part}`, "json");
  const vitest = join(projectDir, "node_modules", "vitest", "vitest.mjs");
  const args = [
    vitest,
    "run",
    "--project",
    part,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...flags,
  ];
  const timeout = Math.min(PARTS[part] * 60_000, WHOLE * 60_000 - performance.now());
  if (timeout <= 0) {
    say(`No time is left: ${WHOLE} min are over.`);
    return { passed: 0, failed: 1 };
  }
  const status = await runAttached(process.execPath, args, { cwd: projectDir, env, timeout });
  return totalOfVitest(readReport(report), status);
}

function readReport(file: string): VitestReport | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  } catch {
    return undefined; // killed while it wrote
  }
}

import { join } from "node:path";
import { projectDir } from "../lib/paths.ts";
import { capture } from "../lib/process.ts";
import { say } from "../lib/progress.ts";
import { define } from "./command.ts";
import { EXIT } from "./exitStatus.ts";
import { brokenRules, sqlDirectories, squawkRuns } from "./lintSql.ts";

export interface Check {
  name: string;
  passed: boolean;
}

/** Where the project's own code is. */
const SOURCES = [
  ...[
    "index.ts",
    "bench",
    "cli",
    "components",
    "docs",
    "lib",
    "operations",
    "policy",
    "setup",
    "test",
    "testing",
  ],
];

/** Runs all checks side by side and shows what those that failed have to say. */
export async function runChecks(): Promise<Check[]> {
  const cache = "node_modules/.cache";
  const checks = await Promise.all([
    check("types", "typescript/bin/tsc", [
      "--noEmit",
      "--incremental",
      "--tsBuildInfoFile",
      `${cache}/tsc.tsbuildinfo`,
    ]),
    // Its rules look at types across files, so a cache by file would miss faults.
    check("eslint", "eslint/bin/eslint.js", [".", "--max-warnings", "0"]),
    // What may import what, and no circles: .dependency-cruiser.cjs.
    check("imports", "dependency-cruiser/bin/dependency-cruiser.mjs", [
      ...["--config", ".dependency-cruiser.cjs"],
      ...SOURCES,
    ]),
    check("prettier", "prettier/bin/prettier.cjs", [
      ".",
      "--check",
      "--log-level",
      "warn",
      "--cache",
      "--cache-strategy",
      "content",
      "--cache-location",
      `${cache}/prettier-lint.json`,
    ]),
    ...sqlChecks(),
  ]);
  const failed = checks.filter((one) => !one.passed).length;
  say(`lint: ${checks.length - failed} of ${checks.length} checks passed`);
  return checks;
}

export const lint = define<object>({
  name: "lint",
  group: "Work on this project:",
  purpose: "Checks types, style and SQL rules.",
  example: "lint",
  run: async () => ((await runChecks()).every((one) => one.passed) ? EXIT.ok : EXIT.failed),
});

async function check(name: string, script: string, args: string[]): Promise<Check> {
  const started = performance.now();
  const done = await capture(process.execPath, [join(projectDir, "node_modules", script), ...args], {
    cwd: projectDir,
  });
  const passed = done.status === 0;
  say(`${passed ? "✓" : "✗"} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (!passed) say(`${done.stdout}${done.stderr}`.trim());
  return { name, passed };
}

/** The SQL files, by squawk and by our own rules (components/migrations/README.md). */
function sqlChecks(): Promise<Check>[] {
  const directories = sqlDirectories(join(projectDir, "sql"));
  const squawk = squawkRuns(directories).map(({ name, script, args }) =>
    check(`squawk (${name})`, script, args),
  );
  return [...squawk, rules(directories)];
}

async function rules(directories: string[]): Promise<Check> {
  const faults = (await Promise.all(directories.map(brokenRules))).flat();
  say(`${faults.length === 0 ? "✓" : "✗"} SQL rules`);
  for (const fault of faults) say(fault);
  return { name: "SQL rules", passed: faults.length === 0 };
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { readDirectives } from "../../components/deploy/sqlFile.ts";
import { projectDir } from "../paths.ts";
import { capture } from "../process.ts";
import { say } from "../progress.ts";

export interface Check {
  name: string;
  passed: boolean;
}

/** Runs all checks side by side and shows what those that failed have to say. */
export async function lint(): Promise<Check[]> {
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
    squawk(),
  ]);
  const failed = checks.filter((one) => !one.passed).length;
  say(`lint: ${checks.length - failed} of ${checks.length} checks passed`);
  return checks;
}

/** `npm run lint`. Returns the exit status. */
export async function runLint(): Promise<number> {
  return (await lint()).every((one) => one.passed) ? 0 : 1;
}

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

/**
 * The SQL files, in two groups: those that say that they build indexes concurrently run outside a transaction, all others
 * within one (components/deploy/sqlFile.ts). squawk judges locks by that.
 */
async function squawk(): Promise<Check> {
  const files = sqlFiles(join(projectDir, "sql"));
  const outside = files.filter(
    (file) => readDirectives(readFileSync(join(projectDir, file), "utf8")).concurrent,
  );
  const inside = files.filter((file) => !outside.includes(file));
  const groups = [
    check("squawk (in a transaction)", "squawk-cli/js/bin/squawk", ["--assume-in-transaction", ...inside]),
    check("squawk (concurrent)", "squawk-cli/js/bin/squawk", ["--no-assume-in-transaction", ...outside]),
  ].filter((_, i) => [inside, outside][i]?.length);
  return { name: "squawk", passed: (await Promise.all(groups)).every((group) => group.passed) };
}

function sqlFiles(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".sql"))
    .map((file) => relative(projectDir, join(directory, file)))
    .sort();
}

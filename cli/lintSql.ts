import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { readSqlDirectory, SqlFilesError } from "../components/migrations/sqlDirectory.ts";
import { readDirectives } from "../components/migrations/sqlFile.ts";
import { ruleFaults } from "../components/migrations/ruleFaults.ts";
import { projectDir } from "../lib/paths.ts";

/** A run of squawk. */
export interface SquawkRun {
  name: string;
  /** From `node_modules`. */
  script: string;
  args: string[];
}

/** The folders of the schemas; none where there is no such folder. */
export function sqlDirectories(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name))
    .sort();
}

/**
 * The runs that judge all files, in two groups: concurrent files run outside a transaction, all others within one
 * (components/migrations/sqlFile.ts). squawk judges locks by that.
 */
export function squawkRuns(directories: string[]): SquawkRun[] {
  const files = directories.flatMap((directory) =>
    readdirSync(directory)
      .filter((file) => file.endsWith(".sql"))
      .sort()
      .map((file) => join(directory, file)),
  );
  const outside = files.filter((file) => readDirectives(readFileSync(file, "utf8")).concurrent);
  const inside = files.filter((file) => !outside.includes(file));
  const run = (name: string, flag: string, group: string[]): SquawkRun[] =>
    group.length === 0
      ? []
      : [{ name, script: "squawk-cli/js/bin/squawk", args: [flag, ...group.map(shown)] }];
  return [
    ...run("in a transaction", "--assume-in-transaction", inside),
    ...run("concurrent", "--no-assume-in-transaction", outside),
  ];
}

/** What a schema's files break of our own rules, a line each; a file that the runner would not take is one too. */
export async function brokenRules(directory: string): Promise<string[]> {
  try {
    return ruleFaults(await readSqlDirectory(directory, {})).map(
      ({ file, line, column, rule, message }) =>
        `${shown(join(directory, file))}:${line}:${column}: ${message} (${rule})`,
    );
  } catch (error) {
    if (!(error instanceof SqlFilesError)) throw error;
    return error.faults.map((fault) => `${shown(directory)}/${fault}`);
  }
}

/** A path as messages show it: from the project's root, if it lies there. */
function shown(path: string): string {
  const inside = relative(projectDir, path);
  return inside.startsWith("..") ? path : inside;
}

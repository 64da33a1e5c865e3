import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { sqlFiles } from "./fileFaults.ts";
import { lockedTables } from "./lockedTables.ts";
import type { Settings } from "./settings.ts";
import type { SqlFile } from "./sqlFile.ts";
import { splitStatements } from "./sqlStatements.ts";

/**
 * Reads and checks a schema's files. A `README.md` and names that start with a dot are passed over; anything
 * else that is no SQL file is a fault.
 *
 * @param directory relative to the working directory, which is the project's root: `sql/dgm`
 * @throws SqlFilesError naming every fault
 */
export function readSqlDirectory(directory: string, settings: Settings): SqlFile[] {
  const contents: Record<string, string> = {};
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === "README.md" || entry.name.startsWith(".")) continue;
    // A folder has no text, and its name is a fault.
    const name = entry.isDirectory() ? `${entry.name}/` : entry.name;
    contents[name] = entry.isDirectory() ? "" : readFileSync(path.join(directory, entry.name), "utf8");
  }
  return sqlFiles(contents, directory, settings);
}

/** A file as a preview shows it: how it runs, which tables it locks, and the start of its hash. */
export function describeFile(file: SqlFile): string {
  const locked = lockedTables(splitStatements(file.text));
  return [
    file.place.kind,
    file.concurrent ? "concurrent (writers go on)" : "one transaction",
    ...(file.superuser ? ["as superuser"] : []),
    ...(file.last ? ["after all others"] : []),
    ...(locked.length > 0 ? [`locks out writers of ${locked.join(" and ")}`] : []),
    `sha256 ${file.sha256.slice(0, 12)}`,
  ].join(", ");
}

/** The start of the hash in what {@link describeFile} gives. */
export function describedHash(description: string): string | undefined {
  return /sha256 ([0-9a-f]{12})$/.exec(description)?.[1];
}

/** The same description with another hash. */
export function withHash(description: string, sha256: string): string {
  return description.replace(/sha256 [0-9a-f]{0,12}$/, `sha256 ${sha256.slice(0, 12)}`);
}

/** The files of a directory as previews show them, by name. */
export function describeFiles(files: SqlFile[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [file.name, describeFile(file)]));
}

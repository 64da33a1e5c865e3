import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { positionOf } from "../../lib/text/sourcePosition.ts";
import { decodeUtf8 } from "../../lib/text/utf8.ts";
import { indexConflicts } from "./indexConflicts.ts";
import {
  coverOthers,
  inOrder,
  NAME_RULE,
  normalise,
  parseFileName,
  readDirectives,
  settingFaults,
  sqlText,
  versionText,
} from "./sqlFile.ts";
import type { Settings, SqlFile, SqlText } from "./sqlFile.ts";
import { parseFile, place, refusals, statementFaults } from "./statementFaults.ts";

/** Files that cannot be applied as they are; the message lists every fault, one a line. */
export class SqlFilesError extends Error {
  readonly faults: string[];

  constructor(what: string, faults: string[]) {
    super(
      `${what}: ${faults.length === 1 ? "1 fault" : `${faults.length} faults`}, nothing was applied\n` +
        faults.map((fault) => `  - ${fault}`).join("\n"),
    );
    this.name = "SqlFilesError";
    this.faults = faults;
  }
}

/**
 * Reads and checks a schema's files. A `README.md` and names that start with a dot are passed over; anything
 * else that is no SQL file is a fault.
 *
 * @param directory relative to the working directory, which is the project's root: `sql/dgm`
 * @throws SqlFilesError naming every fault
 */
export async function readSqlDirectory(directory: string, settings: Settings): Promise<SqlFile[]> {
  const contents: Record<string, Buffer> = {};
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === "README.md" || entry.name.startsWith(".")) continue;
    // A folder has no text, and its name is a fault.
    const name = entry.isDirectory() ? `${entry.name}/` : entry.name;
    contents[name] = entry.isDirectory() ? Buffer.alloc(0) : readFileSync(path.join(directory, entry.name));
  }
  return sqlFiles(contents, directory, settings);
}

/**
 * Makes a schema's files, in the order in which they run, of what its directory holds.
 *
 * @param contents raw texts, or their bytes, by file name
 * @param where    what to call the directory in messages, such as `sql/dgm`
 * @throws SqlFilesError naming every fault: names, gaps and doubles among the versions, directives, empty
 *         files, text that the grammar refuses, commands that would end a file's transaction, unbuildable indexes
 */
export async function sqlFiles(
  contents: Record<string, string | Buffer>,
  where: string,
  settings: Settings,
): Promise<SqlFile[]> {
  const files: SqlFile[] = [];
  const faults = settingFaults(settings);
  for (const name of Object.keys(contents).sort()) {
    const raw = contents[name] ?? "";
    const { text: decoded, valid } = decodeUtf8(Buffer.from(raw));
    const text = sqlText(name, decoded, settings);
    if (!text) {
      // A name from outside is shown as a JSON string: it may hold anything, line breaks among it.
      faults.push(`${JSON.stringify(name)}: ${NAME_RULE}`);
      continue;
    }
    const parsed =
      valid === undefined ? await parseFile(text.text) : encodingFault(Buffer.from(raw), decoded, valid);
    const statements = typeof parsed === "string" ? [] : parsed;
    const file: SqlFile = { ...text, statements, refused: refusals({ ...text, statements }) };
    files.push(file);
    const found = [...headFaults(file), ...(typeof parsed === "string" ? [parsed] : statementFaults(file))];
    faults.push(...found.map((fault) => `${name}${fault}`));
    if (file.version === undefined) faults.push(...file.refused);
  }
  files.sort(inOrder);
  faults.push(
    ...versionFaults(files),
    ...indexConflicts(files, (file, { start }) => `${file.name}${place(file.text, start)}`),
  );
  if (faults.length > 0) throw new SqlFilesError(where, faults);
  return coverOthers(files);
}

/** The first bytes of a text in UTF-16, little end first or last. */
const UTF_16 = ["fffe", "feff"];

function encodingFault(raw: Buffer, text: string, valid: number): string {
  if (UTF_16.includes(raw.toString("hex", 0, 2))) return ": is in UTF-16: save it as UTF-8";
  const before = normalise(text.slice(0, valid));
  const { line, column } = positionOf(before, before.length);
  return (
    `:${line}:${column}: is not UTF-8 from here on: save it in that encoding. (Was it applied by an earlier release, ` +
    "write U+FFFD for each wrong byte, which is what the database was given)"
  );
}

/** A gap or a double among the versions, which start at 1. */
function versionFaults(files: SqlFile[]): string[] {
  const byVersion = new Map<number, string[]>();
  for (const file of files) {
    if (file.version === undefined) continue;
    byVersion.set(file.version, [...(byVersion.get(file.version) ?? []), file.name]);
  }
  const faults: string[] = [];
  let expected = 1;
  for (const [version, names] of byVersion) {
    if (names.length > 1)
      faults.push(`${names.join(" and ")} have one version: give the later one the next number`);
    if (version > expected) {
      const missing =
        version - expected > 1 ? `${v(expected)} to ${v(version - 1)} are` : `${v(expected)} is`;
      faults.push(
        `${missing} missing before ${names.join(" and ")}: restore it, or number the files without a gap`,
      );
    }
    expected = version + 1;
  }
  return faults;
}

const v = (version: number): string => `V${versionText(version)}`;

function headFaults({ text, last, version }: SqlText): string[] {
  const faults = readDirectives(text).faults.map(({ line, message }) => `:${line}: ${message}`);
  if (last && version !== undefined)
    faults.push(': "last" is for repeatable files: a versioned one runs once');
  return faults;
}

/** Faults that only a file's past can show: compares with what was applied, oldest first. */
export function historyFaults(
  files: Pick<SqlFile, "name" | "sha256">[],
  applied: { file: string; sha256: string }[],
): string[] {
  const now = new Map(files.map((file) => [file.name, file.sha256]));
  const faults: string[] = [];
  for (const { file, sha256 } of applied) {
    if (parseFileName(file)?.version === undefined) continue;
    const current = now.get(file);
    if (current === undefined) {
      faults.push(`${file} was applied and has disappeared: restore it from version control`);
    } else if (current !== sha256) {
      faults.push(
        `${file} was edited after it was applied (was ${sha256.slice(0, 12)}, is ${current.slice(0, 12)}): ` +
          `restore it from version control, and put the change into a new versioned file`,
      );
    }
  }
  return faults;
}

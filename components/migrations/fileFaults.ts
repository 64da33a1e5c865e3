import { NAME_RULE, parseFileName, versionText } from "./fileNames.ts";
import { concurrentFaults, refusesTransaction } from "./indexStatement.ts";
import { coverOthers, inOrder, readDirectives, sqlFile } from "./sqlFile.ts";
import type { SqlFile } from "./sqlFile.ts";
import { leadingWords, splitStatements } from "./sqlStatements.ts";
import type { Statement } from "./sqlStatements.ts";
import { wordsOf } from "./normalizedTokens.ts";
import { UnterminatedError } from "./sqlTokens.ts";
import { positionOf } from "./sourcePosition.ts";
import { settingFaults } from "./settings.ts";
import type { Settings } from "./settings.ts";

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
 * Makes a schema's files, in the order in which they run, of what its directory holds.
 *
 * @param contents raw texts by file name
 * @param where    what to call the directory in messages, such as `sql/dgm`
 * @throws SqlFilesError naming every fault: names, gaps and doubles among the versions, directives, empty
 *         files, text without an end, commands that would end a file's transaction, unbuildable indexes
 */
export function sqlFiles(contents: Record<string, string>, where: string, settings: Settings): SqlFile[] {
  const files: SqlFile[] = [];
  const faults = settingFaults(settings);
  for (const name of Object.keys(contents).sort()) {
    const file = sqlFile(name, contents[name] ?? "", settings);
    // A name from outside is shown as a JSON string: it may hold anything, line breaks among it.
    if (!file) faults.push(`${JSON.stringify(name)}: ${NAME_RULE}`);
    else {
      files.push(file);
      faults.push(...textFaults(file).map((fault) => `${name}${fault}`));
    }
  }
  files.sort(inOrder);
  faults.push(...versionFaults(files));
  if (faults.length > 0) throw new SqlFilesError(where, faults);
  return coverOthers(files);
}

/** A gap or a double among the versions, which start at 1. */
function versionFaults(files: SqlFile[]): string[] {
  const byVersion = new Map<number, string[]>();
  for (const file of files) {
    if (file.place.kind !== "versioned") continue;
    byVersion.set(file.place.version, [...(byVersion.get(file.place.version) ?? []), file.name]);
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

function textFaults(file: SqlFile): string[] {
  const faults = readDirectives(file.text).faults.map(({ line, message }) => `:${line}: ${message}`);
  const at = (offset: number): string => {
    const { line, column } = positionOf(file.text, offset);
    return `:${line}:${column}`;
  };
  if (file.last && file.place.kind === "versioned") {
    faults.push(': "last" is for repeatable files: a versioned one runs once');
  }
  if (file.text.includes("\0")) faults.push(": holds a NUL character, which no SQL text can");
  let statements: Statement[];
  try {
    statements = splitStatements(file.text);
  } catch (error) {
    if (!(error instanceof UnterminatedError)) throw error;
    return [...faults, `${at(error.offset)}: ${error.message}`];
  }
  if (statements.length === 0) faults.push(": holds no statement");
  for (const statement of statements) {
    for (const message of [
      ...transactionFaults(file, statement),
      ...(file.concurrent ? concurrentFaults(statement) : []),
    ]) {
      faults.push(`${at(statement.start)}: ${message}`);
    }
  }
  return faults;
}

/**
 * Commands that would end the transaction in which a file and its line in the ledger stand or fall together, and
 * one that would take the next file, which is sent already, for its data.
 */
function transactionFaults(file: SqlFile, statement: Statement): string[] {
  const words = leadingWords(statement.tokens, 2);
  const first = words.split(" ")[0] ?? "";
  const controls =
    ["begin", "commit", "end", "abort"].includes(first) ||
    ["start transaction", "prepare transaction"].includes(words) ||
    (first === "rollback" && !/^rollback\s+(?:(?:work|transaction)\s+)?to\b/i.test(statement.text));
  if (controls)
    return [`${first.toUpperCase()} is not for SQL files: the runner opens and ends transactions`];
  if (/^copy .* from stdin( |$)/.test(wordsOf(statement))) {
    return ["COPY FROM STDIN has no data here: write INSERT"];
  }
  if (!file.concurrent && refusesTransaction(statement)) {
    return [`this cannot run in a transaction: put "-- acgs: concurrent" into the file's first line`];
  }
  return [];
}

/** Faults that only a file's past can show: compares with what was applied, oldest first. */
export function historyFaults(
  files: Pick<SqlFile, "name" | "sha256">[],
  applied: { file: string; sha256: string }[],
): string[] {
  const now = new Map(files.map((file) => [file.name, file.sha256]));
  const faults: string[] = [];
  for (const { file, sha256 } of applied) {
    if (parseFileName(file)?.kind !== "versioned") continue;
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

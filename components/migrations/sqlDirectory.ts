import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseSql, SqlSyntaxError } from "../../lib/sqlParser.ts";
import type { Statement } from "../../lib/sqlParser.ts";
import { positionOf } from "../../lib/text/sourcePosition.ts";
import { concurrentFaults } from "./indexStatement.ts";
import {
  coverOthers,
  inOrder,
  NAME_RULE,
  parseFileName,
  readDirectives,
  settingFaults,
  sqlText,
  versionText,
} from "./sqlFile.ts";
import type { Settings, SqlFile, SqlText } from "./sqlFile.ts";
import { refusesTransaction } from "./statementLocks.ts";

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
  const contents: Record<string, string> = {};
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === "README.md" || entry.name.startsWith(".")) continue;
    // A folder has no text, and its name is a fault.
    const name = entry.isDirectory() ? `${entry.name}/` : entry.name;
    contents[name] = entry.isDirectory() ? "" : readFileSync(path.join(directory, entry.name), "utf8");
  }
  return sqlFiles(contents, directory, settings);
}

/**
 * Makes a schema's files, in the order in which they run, of what its directory holds.
 *
 * @param contents raw texts by file name
 * @param where    what to call the directory in messages, such as `sql/dgm`
 * @throws SqlFilesError naming every fault: names, gaps and doubles among the versions, directives, empty
 *         files, text that the grammar refuses, commands that would end a file's transaction, unbuildable indexes
 */
export async function sqlFiles(
  contents: Record<string, string>,
  where: string,
  settings: Settings,
): Promise<SqlFile[]> {
  const files: SqlFile[] = [];
  const faults = settingFaults(settings);
  for (const name of Object.keys(contents).sort()) {
    const text = sqlText(name, contents[name] ?? "", settings);
    if (!text) {
      // A name from outside is shown as a JSON string: it may hold anything, line breaks among it.
      faults.push(`${JSON.stringify(name)}: ${NAME_RULE}`);
      continue;
    }
    const parsed = await parse(text);
    const file = { ...text, statements: typeof parsed === "string" ? [] : parsed };
    files.push(file);
    const found = [...headFaults(file), ...(typeof parsed === "string" ? [parsed] : statementFaults(file))];
    faults.push(...found.map((fault) => `${name}${fault}`));
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

/** The statements, or why there are none. */
async function parse({ text }: SqlText): Promise<Statement[] | string> {
  // The parser would end there.
  if (text.includes("\0")) return ": holds a NUL character, which no SQL text can";
  try {
    const statements = await parseSql(text);
    return statements.length > 0 ? statements : ": holds no statement";
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    return `${place(text, error.offset)}: ${error.message}`;
  }
}

function place(text: string, offset: number): string {
  const { line, column } = positionOf(text, offset);
  return `:${line}:${column}`;
}

function statementFaults(file: SqlFile): string[] {
  return file.statements.flatMap((statement) => {
    const messages = [
      ...transactionFaults(file, statement),
      ...(file.concurrent ? concurrentFaults(statement) : []),
    ];
    return messages.map((message) => `${place(file.text, statement.start)}: ${message}`);
  });
}

/** What a file may do with the transaction in which it runs. */
const SAVEPOINTS = ["TRANS_STMT_SAVEPOINT", "TRANS_STMT_RELEASE", "TRANS_STMT_ROLLBACK_TO"];

/**
 * Commands that would end the transaction in which a file and its line in the ledger stand or fall together, and
 * one that would take the next file, which is sent already, for its data.
 */
function transactionFaults(file: SqlFile, statement: Statement): string[] {
  const { text, tree } = statement;
  if ("TransactionStmt" in tree && !SAVEPOINTS.includes(tree.TransactionStmt.kind!)) {
    const [command] = /^\w+/.exec(text)!;
    return [`${command.toUpperCase()} is not for SQL files: the runner opens and ends transactions`];
  }
  if ("CopyStmt" in tree && tree.CopyStmt.is_from && !tree.CopyStmt.filename) {
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

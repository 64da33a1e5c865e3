import { parseSql, SqlSyntaxError } from "../../lib/sqlParser.ts";
import type { Statement } from "../../lib/sqlParser.ts";
import { positionOf } from "../../lib/text/sourcePosition.ts";
import { longNames } from "./identifiers.ts";
import { concurrentFaults } from "./indexStatement.ts";
import { sessionFaults } from "./sessionFaults.ts";
import type { SqlFile } from "./sqlFile.ts";
import { refusesTransaction } from "./statementLocks.ts";

/** The statements of a file, or why there are none: a message that begins with the place. */
export async function parseFile(text: string): Promise<Statement[] | string> {
  // The parser would end there.
  const nul = text.indexOf("\0");
  if (nul >= 0)
    return `${place(text, nul)}: holds a NUL character, which no SQL text can: save it as UTF-8, if it is in UTF-16`;
  try {
    const statements = await parseSql(text);
    return statements.length > 0 ? statements : ": holds no statement";
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    const copy = await copyBefore(text, error.offset);
    if (copy) return `${place(text, copy.start)}: ${NO_DATA}`;
    return `${place(text, error.offset)}: ${psqlFault(text.slice(error.offset)) ?? error.message}`;
  }
}

export function place(text: string, offset: number): string {
  const { line, column } = positionOf(text, offset);
  return `:${line}:${column}`;
}

const NO_DATA = "COPY FROM STDIN has no data here: write INSERT";

/** The COPY whose lines of data the parser has met: a dump has them behind the statement. */
async function copyBefore(text: string, offset: number): Promise<Statement | undefined> {
  for (const { 0: found, index } of text.slice(0, offset).matchAll(/\bstdin\b[^;]*;/gi)) {
    const until = text.slice(0, index + found.length);
    const copy = (await parseSql(until).catch(() => [])).find(isCopyOfData);
    if (copy) return copy;
  }
  return undefined;
}

function isCopyOfData({ tree }: Statement): boolean {
  return "CopyStmt" in tree && !!tree.CopyStmt.is_from && !tree.CopyStmt.filename;
}

/** What is psql's of a text that the grammar refuses. */
function psqlFault(rest: string): string | undefined {
  const command = /^\\\S*/.exec(rest)?.[0];
  if (command !== undefined) return `${command} is a command of psql, which no server knows: take it out`;
  const variable = /^:(?:\w+|'[^'\n]*'|"[^"\n]*"|\{\?\w+\})/.exec(rest)?.[0];
  if (variable === undefined) return undefined;
  return `${variable} is a variable of psql, which no server knows: write its value, or current_setting('acgs.…')`;
}

/** What no server or not this runner can run, each message with its place before it. */
export function statementFaults(file: SqlFile): string[] {
  return file.statements.flatMap((statement) => {
    const messages = [
      ...transactionFaults(file, statement),
      ...(file.concurrent ? concurrentFaults(statement, file) : []),
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
  if (isCopyOfData(statement)) return [NO_DATA];
  if (!file.concurrent && refusesTransaction(statement)) {
    return [`this cannot run in a transaction: put "-- acgs: concurrent" into the file's first line`];
  }
  return [];
}

/**
 * What the server would take and the file is not to do, each message with file and place: a versioned file that was
 * applied by an earlier release may hold it, and can be edited no more.
 */
export function refusals(file: Omit<SqlFile, "refused">): string[] {
  const told = new Set<string>();
  return file.statements.flatMap((statement) => {
    const { text, tree, start } = statement;
    const at = (offset: number, message: string): string =>
      `${file.name}${place(file.text, start + offset)}: ${message}`;
    const long = longNames(text, tree).filter(({ written }) => !told.has(written));
    for (const { written } of long) told.add(written);
    return [
      ...sessionFaults(file, statement).map((message) => at(0, message)),
      ...long.map(({ written, kept, at: offset }) => at(offset, longNameFault(written, kept))),
    ];
  });
}

function longNameFault(written: string, kept: string): string {
  return `the name ${written} is longer than 63 bytes, and the server would keep ${kept}: shorten it`;
}

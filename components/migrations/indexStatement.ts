import pg from "pg";
import type { Statement } from "../../lib/sqlParser.ts";
import { keptName, WRITTEN_NAME } from "./identifiers.ts";
import type { SqlFile } from "./sqlFile.ts";
import type { SentText } from "./sqlFileError.ts";
import { tableName } from "./statementLocks.ts";

/** A `CREATE INDEX CONCURRENTLY`, taken apart so far that it can be written again for each partition. */
export interface IndexStatement {
  unique: boolean;
  name: string;
  /** The table as SQL text, such as `dgm.dgm_archive`. */
  table: string;
  /** All that follows the table: method, columns, options, predicate. */
  definition: string;
  /** Where the definition starts in the file, in UTF-16 units. */
  definitionStart: number;
}

const NAME = new RegExp(WRITTEN_NAME, "g");
const WHOLE_NAME = new RegExp(String.raw`^(?:${NAME.source})(?:\s*\.\s*(?:${NAME.source}))*\s*`);

/**
 * Takes a statement apart.
 *
 * @returns `undefined` for any other statement, and for one that {@link concurrentFaults} complains of
 */
export function parseIndexStatement(statement: Statement): IndexStatement | undefined {
  const index = "IndexStmt" in statement.tree ? statement.tree.IndexStmt : undefined;
  const { relation, idxname: name } = index ?? {};
  if (!index?.concurrent || name === undefined || !relation?.inh) return undefined;
  // The parser tells where the table's name begins; where it ends is read from the text, and compared with the tree.
  const bytes = Buffer.from(statement.text);
  const fromTable = bytes.toString("utf8", relation.location! - statement.startByte);
  const written = WHOLE_NAME.exec(fromTable)?.[0] ?? "";
  const { catalogname, schemaname, relname } = relation;
  const read = (written.match(NAME) ?? []).map(keptName);
  if (read.join("\0") !== [catalogname, schemaname, relname].filter(Boolean).join("\0")) return undefined;
  const definition = fromTable.slice(written.length);
  const definitionStart = statement.start + statement.text.length - definition.length;
  return { unique: !!index.unique, name, table: tableName(relation), definition, definitionStart };
}

/** What makes a statement unfit for a concurrent file. */
export function concurrentFaults(statement: Statement, { version }: Pick<SqlFile, "version">): string[] {
  const { tree } = statement;
  if ("DropStmt" in tree && tree.DropStmt.concurrent) {
    const { objects = [], behavior } = tree.DropStmt;
    return objects.length > 1 || behavior === "DROP_CASCADE"
      ? ["DROP INDEX CONCURRENTLY drops one index, without CASCADE: write a statement for each"]
      : [];
  }
  if (!("IndexStmt" in tree)) return [];
  if (!tree.IndexStmt.concurrent) {
    return ["CREATE INDEX without CONCURRENTLY locks out writers: add CONCURRENTLY"];
  }
  if (tree.IndexStmt.idxname === undefined) {
    return ["an index that is built concurrently needs a name, so that a failed build can be found again"];
  }
  if (version === undefined && tree.IndexStmt.relation?.schemaname === undefined) {
    return ["write the table with its schema, as in dgm.improvements: a refresh looks there for the index"];
  }
  if (parseIndexStatement(statement)) return [];
  return [
    "write it as CREATE INDEX CONCURRENTLY IF NOT EXISTS name ON table …, without ONLY: partitions are seen to",
  ];
}

/** The statement for another name and table, which remembers where the file has its definition. */
export function indexOn(index: IndexStatement, concurrently: string, name: string, table: string): SentText {
  const head = `CREATE ${index.unique ? "UNIQUE " : ""}INDEX ${concurrently}${pg.escapeIdentifier(name)} ON ${table} `;
  return { text: head + index.definition, pieceStart: head.length, fileOffset: index.definitionStart };
}

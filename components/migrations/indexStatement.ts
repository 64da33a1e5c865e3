import pg from "pg";
import type { SentText } from "./sqlFileError.ts";
import type { Statement } from "./sqlStatements.ts";
import { wordsOf } from "./normalizedTokens.ts";
import type { Token } from "./sqlTokens.ts";

/** A `CREATE INDEX CONCURRENTLY`, taken apart so far that it can be written again for each partition. */
export interface IndexStatement {
  unique: boolean;
  /** The index's name as an identifier, quotes taken off. */
  name: string;
  /** The table as it is written, such as `dgm.dgm_archive`. */
  table: string;
  /** All that follows the table: method, columns, options, predicate. */
  definition: string;
  /** Where the definition starts in the file, in UTF-16 units. */
  definitionStart: number;
}

const HEAD = /^create (unique )?index concurrently (?:if not exists )?/;

/**
 * Takes a statement apart.
 *
 * @returns `undefined` for any other statement, and for one that {@link concurrentFaults} complains of
 */
export function parseIndexStatement(statement: Statement): IndexStatement | undefined {
  const { tokens } = statement;
  const head = HEAD.exec(wordsOf(statement));
  if (!head) return undefined;
  let at = head[0].trim().split(" ").length;
  const name = identifier(tokens[at++]);
  if (name === undefined || tokens[at++]?.text.toLowerCase() !== "on") return undefined;
  if (tokens[at]?.text.toLowerCase() === "only") return undefined;
  const first = tokens[at++];
  if (identifier(first) === undefined) return undefined;
  let last = first!;
  while (tokens[at]?.text === "." && identifier(tokens[at + 1]) !== undefined) {
    last = tokens[at + 1]!;
    at += 2;
  }
  const slice = (start: number, end?: number): string =>
    statement.text.slice(start - statement.start, end === undefined ? undefined : end - statement.start);
  const rest = tokens[at];
  if (!rest) return undefined;
  return {
    unique: head[1] !== undefined,
    name,
    table: slice(first!.start, last.end),
    definition: slice(rest.start),
    definitionStart: rest.start,
  };
}

/**
 * Whether no writer ever queues behind this statement, however long it waits for other transactions. (DETACH
 * PARTITION CONCURRENTLY is none of them: at its end it locks the partition.)
 */
export function letsWritersPass(statement: Statement): boolean {
  return /^(create (unique )?index|drop index|reindex .*|refresh materialized view) concurrently( |$)/.test(
    wordsOf(statement),
  );
}

/** Whether the server refuses this statement in a transaction. */
export function refusesTransaction(statement: Statement): boolean {
  const text = wordsOf(statement);
  return (
    /^(create (unique )?index|drop index|reindex .*) concurrently( |$)/.test(text) ||
    /^alter table .* detach partition .* concurrently( |$)/.test(text) ||
    /^(vacuum|alter system|(create|drop) (database|tablespace)|reindex (database|system))( |$)/.test(text)
  );
}

/** What makes a statement unfit for a concurrent file. */
export function concurrentFaults(statement: Statement): string[] {
  const text = wordsOf(statement);
  if (/^create (unique )?index (?!concurrently)/.test(text)) {
    return ["CREATE INDEX without CONCURRENTLY locks out writers: add CONCURRENTLY"];
  }
  if (!HEAD.test(text)) return [];
  if (/^create (unique )?index concurrently (if not exists )?on /.test(text)) {
    return ["an index that is built concurrently needs a name, so that a failed build can be found again"];
  }
  return parseIndexStatement(statement)
    ? []
    : [
        "write it as CREATE INDEX CONCURRENTLY IF NOT EXISTS name ON table …, without ONLY: partitions are seen to",
      ];
}

/** A name without its quotes, in the case in which the server keeps it. */
function identifier(token: Token | undefined): string | undefined {
  if (token?.kind === "word") return token.text.toLowerCase();
  if (token?.kind !== "quotedName" || !token.text.startsWith('"')) return undefined;
  return token.text.slice(1, -1).replaceAll('""', '"');
}

/** The statement for another name and table, which remembers where its definition stands in the file. */
export function indexOn(index: IndexStatement, concurrently: string, name: string, table: string): SentText {
  const head = `CREATE ${index.unique ? "UNIQUE " : ""}INDEX ${concurrently}${pg.escapeIdentifier(name)} ON ${table} `;
  return { text: head + index.definition, pieceStart: head.length, fileOffset: index.definitionStart };
}

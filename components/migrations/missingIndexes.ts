import { inSession } from "../../lib/postgres/session.ts";
import type { SqlConnection } from "../../lib/postgres/session.ts";
import type { Statement } from "../../lib/sqlParser.ts";
import { parseIndexStatement } from "./indexStatement.ts";
import type { FileInput, SqlFile } from "./sqlFile.ts";
import { createdBy, droppedIndexes, droppedTables } from "./statementLocks.ts";

/** The indexes that a file has built and that are not there any more, or of no use. */
type MissingIndexes = Pick<FileInput, "missingIndexes" | "invalidIndexes">;

/** An index that is to be there. */
interface WantedIndex {
  file: string;
  table: string;
  name: string;
}

/**
 * What repeatable files of index builds say is to be there once all of them have run: not what one of them drops again.
 * From what other files have made nothing follows, as they run once.
 *
 * @param files in the order in which they run
 */
export function indexesOf(files: readonly SqlFile[]): WantedIndex[] {
  const wanted = new Map<string, WantedIndex>();
  for (const file of files.filter(({ version }) => version === undefined)) {
    for (const statement of file.statements) {
      for (const name of droppedIndexes(statement)) wanted.delete(name);
      const gone = droppedTables(statement);
      for (const [name, { table }] of wanted) if (gone.includes(table)) wanted.delete(name);
      if (!isRepeatedBuild(file, statement)) continue;
      const { table, name } = parseIndexStatement(statement)!;
      wanted.set(indexKey(statement)!, { file: file.name, table, name });
    }
  }
  return [...wanted.values()];
}

/** Whether a statement builds an index with every run of its file. */
export function isRepeatedBuild({ concurrent, version }: SqlFile, statement: Statement): boolean {
  return concurrent && version === undefined && parseIndexStatement(statement) !== undefined;
}

/** The index that a statement builds, with the schema of its table, which is its own too. */
export function indexKey(statement: Statement): string | undefined {
  return "IndexStmt" in statement.tree ? createdBy(statement)[0] : undefined;
}

/**
 * Of a partitioned table's index, `indisvalid` says whether every partition has its own. One that is being built is left
 * alone. What bears the name, and is no index of the table, is in the way: the index is missing, and the build says so.
 */
const MISSING = `
  SELECT w.file, array_agg(w.name ORDER BY w.name) FILTER (WHERE (x.indrelid = t.oid) IS NOT TRUE) AS missing,
         array_agg(w.name ORDER BY w.name) FILTER (WHERE x.indrelid = t.oid) AS invalid
  FROM unnest($1::text[], $2::text[], $3::text[]) AS w (file, "table", name)
  JOIN pg_catalog.pg_class t ON t.oid = pg_catalog.to_regclass(w."table")
  LEFT JOIN pg_catalog.pg_class c ON c.relname = w.name AND c.relnamespace = t.relnamespace
  LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid
  WHERE (x.indisvalid AND x.indrelid = t.oid) IS NOT TRUE
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = c.oid)
  GROUP BY w.file`;

/**
 * The indexes of applied files that are missing or invalid, by file.
 * @throws Error when the server does not answer
 */
export async function findMissingIndexes(
  connection: SqlConnection,
  files: readonly SqlFile[],
): Promise<Map<string, MissingIndexes>> {
  const desired = indexesOf(files);
  if (desired.length === 0) return new Map();
  const { rows } = await inSession(connection, (client) =>
    client.query<{ file: string; missing: string[] | null; invalid: string[] | null }>(MISSING, [
      desired.map(({ file }) => file),
      desired.map(({ table }) => table),
      desired.map(({ name }) => name),
    ]),
  );
  return new Map(
    rows.map(({ file, missing, invalid }) => [
      file,
      { ...(missing && { missingIndexes: missing }), ...(invalid && { invalidIndexes: invalid }) },
    ]),
  );
}

import { inSession } from "../../lib/postgres/session.ts";
import type { SqlConnection } from "../../lib/postgres/session.ts";
import { parseIndexStatement } from "./indexStatement.ts";
import type { FileInput, SqlFile } from "./sqlFile.ts";

/** The indexes that a file has built and that are not there any more, or of no use. */
type MissingIndexes = Pick<FileInput, "missingIndexes" | "invalidIndexes">;

/** What files of index builds say is to be there. Other files may be run once, so nothing follows from what they made. */
export function indexesOf(files: readonly SqlFile[]): { file: string; table: string; name: string }[] {
  return files
    .filter(({ concurrent, version }) => concurrent && version === undefined)
    .flatMap((file) =>
      file.statements.flatMap((statement) => {
        const index = parseIndexStatement(statement);
        return index ? [{ file: file.name, table: index.table, name: index.name }] : [];
      }),
    );
}

/** Of a partitioned table's index, `indisvalid` says whether every partition has its own. One that is being built is left alone. */
const MISSING = `
  SELECT w.file, array_agg(w.name ORDER BY w.name) FILTER (WHERE c.oid IS NULL) AS missing,
         array_agg(w.name ORDER BY w.name) FILTER (WHERE c.oid IS NOT NULL) AS invalid
  FROM unnest($1::text[], $2::text[], $3::text[]) AS w (file, "table", name)
  JOIN pg_catalog.pg_class t ON t.oid = pg_catalog.to_regclass(w."table")
  LEFT JOIN pg_catalog.pg_class c ON c.relname = w.name AND c.relnamespace = t.relnamespace
  LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid
  WHERE x.indisvalid IS NOT TRUE
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

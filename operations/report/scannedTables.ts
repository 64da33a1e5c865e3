import { isOfService } from "./combine.ts";
import type { Member } from "./member.ts";
import type { Report } from "./schema.ts";
import { isCovered, suggestIndex } from "./suggestIndex.ts";
import { THRESHOLDS } from "./thresholds.ts";

/** Large tables that are read whole again and again, with what their costliest statements ask for. */
export async function scannedTables(
  tables: Report["tables"],
  usage: Report["indexes"]["usage"],
  members: ReadonlyMap<string, Member>,
  primary: string,
): Promise<Report["indexes"]["scannedTables"]> {
  const { scans, scannedRows } = THRESHOLDS;
  const scanned = tables
    .filter((table) => isOfService(table.schemaName) && table.estimatedRows >= scannedRows)
    .filter((table) => table.seqScan >= scans && table.seqTupRead / table.seqScan >= scannedRows)
    .sort((a, b) => b.seqTupRead - a.seqTupRead)
    .slice(0, 10);
  return Promise.all(
    scanned.map(async ({ schemaName, tableName, estimatedRows, seqScan, seqTupRead, idxScan }) => {
      const found = await Promise.all([...members.values()].map((member) => member.statementsOf(tableName)));
      const statements = found
        .flat()
        .sort((a, b) => b.totalMs - a.totalMs)
        .slice(0, 5);
      const columns = await members.get(primary)!.columnsOf(schemaName, tableName);
      const present = usage
        .filter((index) => index.schemaName === schemaName && index.tableName === tableName)
        .map(({ definition }) => definition);
      const suggestion = statements
        .map(({ query }) => suggestIndex({ schema: schemaName, name: tableName, columns }, query))
        .find((one) => one !== undefined && !isCovered(one, present));
      return {
        schemaName,
        tableName,
        estimatedRows,
        seqScan,
        seqTupRead,
        idxScan,
        statements,
        suggestion: suggestion ?? null,
      };
    }),
  );
}

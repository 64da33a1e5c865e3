import { SERVICE_SCHEMAS } from "../../lib/names.ts";
import type { Reading } from "./member.ts";
import type { Report } from "./schema.ts";
import type { PrimaryViews } from "./views.ts";
import { THRESHOLDS } from "./thresholds.ts";

const DAY_MS = 86_400_000;

/** Whether a schema is a service's: what others do with theirs, such as pg_cron, is not ours to judge. */
export function isOfService(schema: string): boolean {
  return (SERVICE_SCHEMAS as readonly string[]).includes(schema);
}

/** Indexes of the primary with the scans of all members: one that only a replica uses is used. */
export function combineIndexUsage(
  readings: readonly Reading[],
  primary: string,
  trend: PrimaryViews["indexUsageTrend"],
): Report["indexes"]["usage"] {
  const key = (index: { schemaName: string; indexName: string }): string =>
    JSON.stringify([index.schemaName, index.indexName]);
  const weekly = new Map(trend.map((index) => [key(index), index.scansPerWeek]));
  const scans = readings.map(({ name, views }) => ({
    name,
    byIndex: new Map(views.indexUsage.map((index) => [key(index), index.idxScan])),
  }));
  return viewsOf(readings, primary)
    .indexUsage.map(({ hitRatio: _, idxTupRead: __, ...index }) => {
      const scansByMember = Object.fromEntries(
        scans.map(({ name, byIndex }) => [name, byIndex.get(key(index)) ?? 0]),
      );
      return {
        ...index,
        idxScan: Object.values(scansByMember).reduce((sum, count) => sum + count, 0),
        scansByMember,
        scansPerWeek: weekly.get(key(index)) ?? null,
      };
    })
    .sort((a, b) => b.idxScan - a.idxScan || a.indexName.localeCompare(b.indexName));
}

/** Tables of the primary; scans and blocks of all members added up. */
export function combineTables(readings: readonly Reading[], primary: string): Report["tables"] {
  const key = (table: { schemaName: string; tableName: string }): string =>
    JSON.stringify([table.schemaName, table.tableName]);
  const byTable = readings.map(
    ({ views }) => new Map(views.tableStatistics.map((table) => [key(table), table])),
  );
  return viewsOf(readings, primary)
    .tableStatistics.map((table) => {
      const all = byTable.flatMap((tables) => tables.get(key(table)) ?? []);
      const sum = (column: "seqScan" | "seqTupRead" | "idxScan" | "blksHit" | "blksRead"): number =>
        all.reduce((total, one) => total + one[column], 0);
      const [blksHit, blksRead] = [sum("blksHit"), sum("blksRead")];
      return {
        ...table,
        seqScan: sum("seqScan"),
        seqTupRead: sum("seqTupRead"),
        idxScan: sum("idxScan"),
        blksHit,
        blksRead,
        hitRatio:
          blksHit + blksRead === 0 ? null : Math.round((blksHit / (blksHit + blksRead)) * 10_000) / 10_000,
      };
    })
    .sort((a, b) => b.totalBytes - a.totalBytes);
}

/** Days that every member has counted for; null when one was not reached: it may use what the others do not. */
export function observedDays(members: Report["members"], now: Date): number | null {
  const since = members.map(({ state }) => (state ? Date.parse(state.countingSince) : undefined));
  if (since.includes(undefined)) return null;
  const days = Math.min(...since.map((time) => (now.getTime() - time!) / DAY_MS));
  return Math.max(Math.round(days * 10) / 10, 0);
}

/** Indexes that no member has used for long enough to say so. */
export function unusedIndexes(
  usage: Report["indexes"]["usage"],
  days: number | null,
): Report["indexes"]["unused"] {
  if (days === null || days < THRESHOLDS.unusedDays) return [];
  return usage
    .filter(({ schemaName, idxScan, enforces }) => idxScan === 0 && !enforces && isOfService(schemaName))
    .map(({ schemaName, tableName, indexName, sizeBytes, definition }) => ({
      ...{ schemaName, tableName, indexName, sizeBytes, definition },
    }))
    .sort((a, b) => b.sizeBytes - a.sizeBytes);
}

function viewsOf(readings: readonly Reading[], name: string): Reading["views"] {
  return readings.find((reading) => reading.name === name)!.views;
}

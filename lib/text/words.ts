/** Numbers as people read them in a report. */

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `1.5 GB`, in steps of 1024 as PostgreSQL's own sizes. */
export function size(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${bytes < 0 ? "-" : ""}${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${UNITS[unit]!}`;
}

/** `1,234,567` */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** `93 %`, `99.87 %`: more digits where it matters. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value.toFixed(value > 99 && value < 100 ? 2 : value < 10 ? 1 : 0)} %`;
}

/** `412 ms`, `3.2 s`, `5 min`, `7.5 h`, `12 d` */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 90) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** A statement on one line without its comments, cut to a width. */
export function oneLine(text: string, width: number): string {
  const line = text
    .replaceAll(/--[^\n]*/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

/** `dgm.idx_dgm_archive_status`, or `dgm.dgm_archive` where it is about no index. */
export function qualified(row: { schemaName: string; tableName?: string; indexName?: string }): string {
  return `${row.schemaName}.${row.indexName ?? row.tableName ?? ""}`;
}

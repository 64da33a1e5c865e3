import type { Advice, Report, Severity } from "./schema.ts";
import * as columns from "./columns.ts";
import { type Column, textTable, wrap } from "../../lib/text/table.ts";

/** What the report is shown on. */
export interface Appearance {
  /** Columns of the terminal. */
  width: number;
  /** Marks text as bold or coloured; returns it as it is where the terminal has no colours. */
  style: (style: "bold" | Severity, text: string) => string;
}

/** Rows shown of each table; the JSON has all. */
const SHOWN = 10;

/** The report for people: findings by topic, then what to do. */
export function render(report: Report, { width, style }: Appearance): string {
  const lines: string[] = [];
  const heading = (title: string, note = ""): void => {
    lines.push("", style("bold", title) + (note === "" ? "" : `  ${note}`));
  };
  const table = <Row>(shape: readonly Column<Row>[], rows: readonly Row[], none: string): void => {
    if (rows.length === 0) return void lines.push(`  ${none}`);
    const shown = rows.slice(0, SHOWN);
    lines.push(...textTable(shape, shown, width - 2).map((line) => `  ${line}`));
    if (rows.length > SHOWN) lines.push(`  … and ${rows.length - SHOWN} more (--json has all)`);
  };

  lines.push(
    style("bold", `Report of stack ${report.stack}, database ${report.database}`),
    report.generatedAt,
  );

  heading("Servers");
  table(columns.MEMBER, report.members, "none");
  if (report.replication.length > 0) table(columns.REPLICATION, report.replication, "none");

  heading(
    "Slow queries",
    `mean of ${report.thresholds["slowQueryMs"] ?? 200} ms or more, the costliest in all first`,
  );
  table(columns.SLOW_QUERY, report.slowQueries, "none");

  const { indexes } = report;
  heading("Index usage", "all members added up");
  table(
    columns.INDEX,
    indexes.usage.filter(({ idxScan }) => idxScan > 0),
    "no index was used yet",
  );
  heading("Unused indexes", observed(indexes.observedDays, report.thresholds["unusedDays"] ?? 7));
  table(columns.UNUSED, indexes.unused, "none");
  heading("Duplicate and redundant indexes");
  table(columns.REDUNDANT, indexes.redundant, "none");
  heading("Missing indexes", "large tables that are read whole, and foreign keys");
  table(columns.SCANNED, indexes.scannedTables, "no large table is read whole again and again");
  table(columns.FOREIGN_KEY, indexes.unindexedForeignKeys, "every foreign key has its index");
  if (indexes.invalid.length > 0) {
    heading("Invalid indexes");
    table(columns.INVALID, indexes.invalid, "none");
  }

  heading("Bloat", "estimated from statistics");
  table(columns.BLOAT, [...report.bloat.tables, ...report.bloat.indexes], "none worth mentioning");
  heading("Tables");
  table(columns.TABLE, report.tables, "none");
  heading("Partitions");
  table(columns.COVERAGE, shortestFirst(report.partitions.coverage), "none");

  heading("Connections");
  table(columns.CONNECTION, report.connections, "none");
  if (report.pools.length > 0) table(columns.POOL, report.pools, "none");
  if (report.longTransactions.length > 0) {
    heading("Long transactions");
    table(columns.TRANSACTION, report.longTransactions, "none");
  }
  heading("Parameters that wait for a restart");
  table(columns.PENDING, report.pendingRestart, "none");
  heading("Certificates");
  table(columns.CERTIFICATE, report.certificates, "none");
  heading("Scheduled jobs");
  table(columns.JOB, failedFirst(report.jobs), "none");
  if (report.upkeep.length > 0) {
    heading("Upkeep", "the last tasks");
    table(columns.UPKEEP, report.upkeep, "none");
  }

  heading("Advice", adviceNote(report.advice));
  if (report.advice.length > 0) lines.push(...wrap(`SQL on the primary: ${psql(report)}`, width));
  for (const one of report.advice) lines.push(...adviceLines(one, { width, style }));
  for (const note of report.notes) lines.push("", ...wrap(`Note: ${note}`, width));
  return `${lines.join("\n")}\n`;
}

function adviceLines(
  { severity, topic, subject, reason, command }: Advice,
  { width, style }: Appearance,
): string[] {
  const [first = "", ...rest] = wrap(`${severity.toUpperCase()} ${topic}: ${subject}`, width);
  const head = first.replace(/^\S+/, (word) => style(severity, word));
  return [
    "",
    head,
    ...rest,
    ...wrap(reason, width - 4).map((line) => `    ${line}`),
    ...commandLines(command, width),
  ];
}

/** A command is one line, however long: it is there to be copied. What follows it as a comment is wrapped. */
function commandLines(command: string, width: number): string[] {
  const [, statement = command, comment] = /^(.*?)(?:\s\s((?:--|#) .*))?$/s.exec(command) ?? [];
  return [`    $ ${statement}`, ...wrap(comment ?? "", width - 6).map((line) => `      ${line}`)];
}

/** How an operator gets to the primary: as the superuser, by the socket in its container. */
function psql({ members, database, prefix }: Report): string {
  const primary = members.find(({ role }) => role === "primary")?.name ?? "postgres-1";
  return `docker exec --interactive --tty --user postgres ${prefix}-${primary} psql ${database}`;
}

function adviceNote(advice: readonly Advice[]): string {
  if (advice.length === 0) return "none: nothing to do";
  const counts = new Map<string, number>();
  for (const { severity } of advice) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  return [...counts].map(([severity, number]) => `${number} ${severity}`).join(", ");
}

function observed(days: number | null, needed: number): string {
  if (days === null) return "not judged: a member was not reached";
  if (days < needed) return `not judged: counted for ${days} of ${needed} days only`;
  return `in ${days} days, by no member`;
}

function shortestFirst(tables: Report["partitions"]["coverage"]): Report["partitions"]["coverage"] {
  const name = (table: (typeof tables)[number]): string => `${table.schemaName}.${table.tableName}`;
  const spare = (table: (typeof tables)[number]): number => table.monthsAhead - table.monthsAheadWanted;
  return [...tables].sort((a, b) => spare(a) - spare(b) || name(a).localeCompare(name(b)));
}

function failedFirst(jobs: Report["jobs"]): Report["jobs"] {
  const rank = ({ lastStatus, failures7d }: Report["jobs"][number]): number =>
    lastStatus === "failed" ? 0 : failures7d > 0 ? 1 : 2;
  return [...jobs].sort((a, b) => rank(a) - rank(b) || (a.jobName ?? "").localeCompare(b.jobName ?? ""));
}

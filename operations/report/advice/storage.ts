import type { Advice, Findings } from "../schema.ts";
import { THRESHOLDS } from "../thresholds.ts";
import { count, percent, qualified, size } from "../../../lib/text/words.ts";

const DAY_MS = 86_400_000;

/** Tables, partitions, vacuum. */
export function storageAdvice(findings: Findings): Advice[] {
  return [
    ...horizons(findings),
    ...skippedPartitions(findings),
    ...ages(findings),
    ...deadRows(findings),
    ...air(findings),
    ...unknown(findings),
  ];
}

function horizons({ partitions, jobs }: Findings): Advice[] {
  return partitions.coverage
    .filter(({ monthsAhead, monthsAheadWanted }) => monthsAhead < monthsAheadWanted)
    .map((table) => {
      const job = jobs.find(({ jobName }) => jobName === `${table.schemaName}-daily-partition-maintenance`);
      const last = job
        ? `; ${job.jobName} last: ${job.lastStatus ?? "never"} ${job.lastMessage ?? ""}`.trimEnd()
        : "";
      return {
        severity: table.monthsAhead === 0 ? "critical" : "warning",
        topic: "partitions",
        subject: qualified(table),
        reason:
          `${table.monthsAhead} of ${table.monthsAheadWanted} months ahead have a partition (to ` +
          `${table.coveredTo?.slice(0, 10) ?? "none"}); an insert beyond fails${last}`,
        command: `SELECT ${table.schemaName}.daily_partition_maintenance();`,
      };
    });
}

/** Locks that were not to be had: the next night has them, unless it goes on like that. */
const PASSING = ["55P03", "40P01"];

function skippedPartitions({ partitions, generatedAt }: Findings): Advice[] {
  return partitions.coverage.flatMap((table) =>
    table.skipped.map(({ partition, sqlstate, reason, since }) => ({
      severity:
        PASSING.includes(sqlstate) && Date.parse(generatedAt) - Date.parse(since) < 3 * DAY_MS
          ? "info"
          : "warning",
      topic: "partitions",
      subject: `${table.schemaName}.${partition}`,
      reason: `the rounds skip it since ${since.slice(0, 10)}: ${reason}`,
      command: `SELECT ${table.schemaName}.daily_partition_maintenance();  -- after mending it: docs/upkeep.md, "What a round skips"`,
    })),
  );
}

function ages({ members }: Findings): Advice[] {
  const primary = members.find(({ role }) => role === "primary");
  const age = Math.max(primary?.state?.xidAge ?? 0, primary?.state?.multixactAge ?? 0);
  if (age < THRESHOLDS.xidAge) return [];
  return [
    {
      severity: age >= 1_200_000_000 ? "critical" : "warning",
      topic: "vacuum",
      subject: "transaction ids",
      reason:
        `the oldest unfrozen transaction is ${count(age)} back; autovacuum freezes at ${count(primary!.state!.freezeMaxAge)} ` +
        "and does not keep up, and at 2,100,000,000 the server takes no writes",
      command: "VACUUM (FREEZE, VERBOSE);  -- after ending old transactions, see there",
    },
  ];
}

function deadRows({ tables }: Findings): Advice[] {
  return tables
    .filter(
      ({ deadRows: dead, liveRows }) =>
        dead >= THRESHOLDS.deadRows && dead >= THRESHOLDS.deadRatio * (dead + liveRows),
    )
    .map((table) => ({
      severity: "warning",
      topic: "vacuum",
      subject: qualified(table),
      reason:
        `${count(table.deadRows)} dead rows, ${percent(table.deadRows / (table.deadRows + table.liveRows))} of all; ` +
        `last vacuum: ${table.lastVacuum ?? "never"}. An old transaction may hold them`,
      command: `VACUUM (ANALYZE, VERBOSE) ${qualified(table)};`,
    }));
}

function air({ bloat }: Findings): Advice[] {
  return bloat.tables.map((table) => ({
    severity: table.bloatBytes >= 1024 ** 3 ? "warning" : "info",
    topic: "bloat",
    subject: qualified(table),
    reason:
      `an estimated ${percent(table.bloatRatio ?? 0)} of ${size(table.sizeBytes)} is air, which new rows will fill. ` +
      "To give it back, the table must be rewritten, which locks out everybody meanwhile",
    command: `VACUUM (FULL, ANALYZE) ${qualified(table)};  -- only where nobody uses it for a while`,
  }));
}

/** Rows that no ANALYZE has seen: the planner guesses. */
function unknown({ tables, members, generatedAt }: Findings): Advice[] {
  const primary = members.find(({ role }) => role === "primary")?.state;
  // A server that was just promoted has forgotten when it was: the night brings it back.
  if (!primary || Date.parse(generatedAt) - Date.parse(primary.countingSince) < DAY_MS) return [];
  return tables
    .filter(({ lastAnalyze, liveRows }) => lastAnalyze === null && liveRows >= 1_000)
    .map((table) => ({
      severity: "warning",
      topic: "vacuum",
      subject: qualified(table),
      reason: `never analyzed, with ${count(table.liveRows)} rows: plans are guesses`,
      command: `ANALYZE ${qualified(table)};`,
    }));
}

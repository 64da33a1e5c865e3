import { CLIENT_LOGINS, READONLY_LOGIN, rotationLogin } from "../../../lib/names.ts";
import type { Advice, Findings } from "../schema.ts";
import { THRESHOLDS } from "../thresholds.ts";
import { count, duration, oneLine, size } from "../../../lib/text/words.ts";

const LOGINS: readonly string[] = [...CLIENT_LOGINS, READONLY_LOGIN].flatMap((login) => [
  login,
  rotationLogin(login),
]);

/** Statements and scheduled jobs. */
export function workAdvice(findings: Findings): Advice[] {
  return [
    ...scheduler(findings),
    ...slowQueries(findings),
    ...forgotten(findings),
    ...jobs(findings),
    ...upkeep(findings),
  ];
}

function slowQueries({ slowQueries }: Findings): Advice[] {
  return slowQueries.slice(0, 10).map((query) => ({
    // What the deployment and the upkeep do may take its time.
    severity: LOGINS.includes(query.login ?? "") ? "warning" : "info",
    topic: "slow queries",
    subject: `${query.login ?? "nobody"} on ${query.member}, query ${query.queryid}`,
    reason:
      `${duration(query.meanMs / 1000)} on average (${count(query.calls)} calls, ${duration(query.totalMs / 1000)} in all, ` +
      `limit ${THRESHOLDS.slowQueryMs} ms)` +
      (query.tempBytes > 0 ? `, ${size(query.tempBytes)} of temporary files: more work_mem would help` : "") +
      `: ${oneLine(query.query, 160)}`,
    command: `SELECT query FROM platform.slow_queries WHERE queryid = ${query.queryid};  -- then EXPLAIN (ANALYZE, BUFFERS) with values`,
  }));
}

function forgotten({ members }: Findings): Advice[] {
  return members
    .filter(({ state }) => (state?.statementsEvicted ?? 0) > 0)
    .map(({ name, state }) => ({
      severity: "info",
      topic: "slow queries",
      subject: name,
      reason: `pg_stat_statements was full ${count(state!.statementsEvicted)} times and forgot its rarest statements`,
      command:
        "npm run pulumi -- config set --path 'acgs-db:postgres.parameters[\"pg_stat_statements.max\"]' 20000  # then: npm run up",
    }));
}

function scheduler({ members, prefix }: Findings): Advice[] {
  const primary = members.find(({ role }) => role === "primary");
  if (primary?.state?.schedulerRunning !== false) return [];
  return [
    {
      severity: "critical",
      topic: "jobs",
      subject: `pg_cron on ${primary.name}`,
      reason: "is not at work: no partition is made, nothing is cleaned up, nothing is refreshed",
      command: `npm run switchover && docker restart --time 120 ${prefix}-${primary.name}  # pg_cron runs on the new primary`,
    },
  ];
}

function jobs({ jobs, generatedAt }: Findings): Advice[] {
  return jobs.flatMap((job): Advice[] => {
    const command = "SELECT * FROM platform.scheduled_jobs WHERE last_status = 'failed' OR failures_7d > 0;";
    const common = { topic: "jobs", subject: job.jobName ?? "a job without a name", command };
    if (!job.active) return [{ ...common, severity: "warning", reason: "is switched off" }];
    const seconds = job.lastStart ? (Date.parse(generatedAt) - Date.parse(job.lastStart)) / 1000 : 0;
    if (job.lastStatus === "running" && seconds >= THRESHOLDS.jobSeconds) {
      return [
        {
          ...common,
          severity: "warning",
          reason: `has been running for ${duration(seconds)}, and pg_cron starts no other job meanwhile`,
          command:
            "SELECT pid, query FROM pg_stat_activity WHERE backend_type = 'pg_cron';  -- and pg_cancel_backend(pid)",
        },
      ];
    }
    if (job.lastStatus === "failed") {
      const since = job.lastSuccess
        ? `; it last succeeded at ${job.lastSuccess}`
        : "; it has not succeeded in 30 days";
      return [
        {
          ...common,
          severity: "warning",
          reason: `failed at ${job.lastStart ?? "an unknown time"}: ${oneLine(job.lastMessage ?? "without a message", 160)}${since}`,
        },
      ];
    }
    if (job.failures7d === 0) return [];
    return [
      {
        ...common,
        severity: "info",
        reason: `failed ${count(job.failures7d)} times in 7 days; the last run did not`,
      },
    ];
  });
}

function upkeep({ upkeep }: Findings): Advice[] {
  return upkeep
    .filter(({ status }) => status === "failed")
    .filter(
      (task, i, all) =>
        all.findIndex((one) => one.kind === task.kind && one.targetNames === task.targetNames) === i,
    )
    .map((task) => ({
      severity: "warning",
      topic: "jobs",
      subject: `${task.kind} of ${task.targetNames}`,
      reason: `the nightly upkeep failed ${task.attempts} times: ${oneLine(task.message ?? "without a message", 160)}`,
      command: "SELECT * FROM platform.upkeep_tasks WHERE status = 'failed' ORDER BY planned_at DESC;",
    }));
}

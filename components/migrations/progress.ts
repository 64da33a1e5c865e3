import { pause } from "../../lib/wait.ts";
import type { ProgressPolicy, RunContext } from "./runContext.ts";

/** A line after 5 s, later every tenth of the time that has passed, at most 60 s apart. */
export const DEFAULT_PROGRESS: ProgressPolicy = { everyMs: 5_000, longestMs: 60_000 };

/**
 * Tells, by a second session, how far a statement is while it runs. A statement that is through before the first
 * line costs nothing. What goes wrong here never stops the statement.
 *
 * @param title what runs, such as `sql/dgm/R__indexes.sql: idx_a on dgm.t, partition 3 of 12`
 */
export async function withProgress<T>(context: RunContext, title: string, run: () => Promise<T>): Promise<T> {
  const end = new AbortController();
  const watching = watch(context, title, end.signal).catch((error: unknown) => {
    if (!end.signal.aborted) context.log(`${title}: progress is not shown: ${(error as Error).message}`);
  });
  try {
    return await run();
  } finally {
    end.abort();
    await watching;
  }
}

async function watch(context: RunContext, title: string, signal: AbortSignal): Promise<void> {
  const { everyMs, longestMs } = context.progress;
  const start = performance.now();
  const { processID: pid } = context.client as unknown as { processID: number };
  await pause(everyMs, signal);
  const session = await context.openSecondSession();
  try {
    /** The first sample of the phase that it is in. */
    let since: Sample | undefined;
    while (!signal.aborted) {
      const passedMs = performance.now() - start;
      const [now] = (await session.query<Sample>(SAMPLE, [pid])).rows;
      if (now?.phase !== since?.phase) since = now;
      // Between two attempts there is nothing to tell, and the pause has been told.
      if (now && !signal.aborted) context.log(`${title}: ${describe(now, since, passedMs)}`);
      await pause(Math.min(Math.max(everyMs, passedMs / 10), longestMs), signal);
    }
  } finally {
    await session.end().catch(() => undefined);
  }
}

/** What the server tells of a running statement; counts come as text, since they may be larger than a number. */
export interface Sample {
  at: Date;
  /** Null for a statement other than CREATE INDEX and REINDEX. */
  phase: string | null;
  blocks_done: string;
  blocks_total: string;
  tuples_done: string;
  tuples_total: string;
  lockers_done: string;
  lockers_total: string;
  /** Sessions that it waits for. */
  blockers: string | null;
}

/**
 * One line: phase, how much of it is done and left, or who is waited for.
 *
 * @param since the first sample of the same phase
 */
export function describe(now: Sample, since: Sample | undefined, passedMs: number): string {
  const parts = [now.phase ?? "running"];
  const share = shareOf(now);
  if (share !== undefined) {
    parts.push(`${Math.floor(share * 100)} %`);
    const left = secondsLeft(now, since);
    if (left !== undefined) parts.push(`about ${left} s left of this phase`);
  }
  if (Number(now.lockers_total) > 0) {
    parts.push(`${now.lockers_done} of ${now.lockers_total} transactions ended`);
  }
  if (now.blockers) parts.push(`waits for ${now.blockers}`);
  return `${parts.join(", ")} (${Math.round(passedMs / 1000)} s so far)`;
}

/** How much of its phase is done, 0 to 1; undefined where the server does not count, or has not begun to. */
function shareOf({ phase, ...counts }: Sample): number | undefined {
  // In other phases, the counts are those of the one before.
  if (!phase || /sorting|waiting|initializing/.test(phase)) return undefined;
  const blocks = [counts.blocks_done, counts.blocks_total];
  const tuples = [counts.tuples_done, counts.tuples_total];
  for (const [done, total] of phase.includes("loading tuples") ? [tuples] : [blocks, tuples]) {
    if (Number(total) > 0) return Math.min(Number(done) / Number(total), 1);
  }
  return undefined;
}

/** At the speed since the phase was first seen. What comes after this phase is not in it. */
function secondsLeft(now: Sample, since: Sample | undefined): number | undefined {
  const [done, before] = [shareOf(now), since && shareOf(since)];
  if (!since || done === undefined || before === undefined || done <= before) return undefined;
  return Math.round(((1 - done) / (done - before)) * ((now.at.getTime() - since.at.getTime()) / 1000));
}

const SAMPLE = `
  SELECT clock_timestamp() AS at, p.phase, p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total,
         p.lockers_done, p.lockers_total,
         (SELECT string_agg(format('pid %s (%s%s, %s for %s s)', b.pid, b.usename,
                   nullif(' by ' || b.application_name, ' by '), b.state,
                   round(extract(epoch FROM clock_timestamp() - b.xact_start))), ' and ' ORDER BY b.xact_start)
          FROM pg_catalog.pg_stat_activity b WHERE b.pid = ANY (pg_catalog.pg_blocking_pids(a.pid))) AS blockers
  FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_stat_progress_create_index p USING (pid)
  WHERE a.pid = $1 AND a.state = 'active'`;

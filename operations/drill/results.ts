import type { Client } from "./client.ts";
import { openSessionOf } from "./clients/openSession.ts";
import type { RedisWriters } from "./clients/redis.ts";
import type { FaultResult } from "./course.ts";
import type { Ground } from "./faults/fault.ts";
import {
  acknowledgedByTwo,
  commonGap,
  errorCounts,
  gapOf,
  type ClientLog,
  lostRows,
  worstGap,
} from "./clientLog.ts";
import type { Round } from "./report.ts";
import { storedRows } from "./rows.ts";

export interface Clients {
  writers: Client[];
  readers: Client[];
  redis: Client[];
  /** Whose acknowledgements count, and whose gaps do not. */
  others: Client[];
}

/** Reads back what is stored and holds it against what was acknowledged. */
export async function results(
  { stack, leader }: Ground,
  redis: RedisWriters,
  clients: Clients,
  { done, from, to, redundancy }: FaultResult,
): Promise<Omit<Round, "ownHalt" | "load">> {
  const journals = (of: readonly Client[]): ClientLog[] => of.map(({ journal }) => journal);
  const [writers, readers, keys] = [clients.writers, clients.readers, clients.redis].map(journals) as [
    ClientLog[],
    ClientLog[],
    ClientLog[],
  ];
  const rows = [...writers, ...journals(clients.others)];
  const after = await stack.leader();
  const lost = lostRows(rows, await storedRows(stack));
  const double = acknowledgedByTwo(rows);
  const lostKeys = lostRows(keys, await redis.stored());
  const failed = (of: readonly ClientLog[]) =>
    since(of, from).reduce((sum, { errors }) => sum + errors.length, 0);
  return {
    figures: {
      writeGap: Math.round(worstGap(writers, from, to)),
      readGap: Math.round(worstGap(readers, from, to)),
      redisGap: Math.round(worstGap(keys, from, to)),
      redundancy: redundancy === null ? null : Math.round(redundancy),
      failedWrites: failed(writers),
      failedReads: failed(readers),
      failedRedis: failed(keys),
      lostRows: lost.length,
      lostKeys: lostKeys.length,
      splitBrain: double.length,
    },
    done,
    primary: { before: leader.alias, after: after.alias },
    acknowledged: rows.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0),
    commonWriteGap: Math.round(commonGap(writers, from, to)),
    gaps: Object.fromEntries(
      [...writers, ...readers, ...keys].map((journal) => [
        journal.client,
        Math.round(gapOf(journal, from, to)),
      ]),
    ),
    examples: [
      ...lost.slice(0, 5).map((row) => `${row} lost`),
      ...double.slice(0, 5).map((row) => `${row} double`),
    ],
    errors: errorCounts(since([...writers, ...readers, ...keys], from)),
    openSession: openSessionOf(clients.others, from),
  };
}

/** With the errors since a moment only: before the fault, a replica may not have had the drill's table yet. */
function since(journals: readonly ClientLog[], from: number): ClientLog[] {
  return journals.map((journal) => ({ ...journal, errors: journal.errors.filter(({ at }) => at >= from) }));
}

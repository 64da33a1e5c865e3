import { loadavg } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { messageOf } from "../../lib/errors.ts";
import { anyError, nothingMissing, waitFor } from "../../lib/wait.ts";
import { results, type Clients } from "./results.ts";
import type { Client } from "./client.ts";
import { ANSWER_WITHIN, reader, writer } from "./clients/postgres.ts";
import { RedisWriters } from "./clients/redis.ts";
import { type RoundContext, runFault } from "./course.ts";
import { DrillError } from "./error.ts";
import type { Ground } from "./faults/fault.ts";
import type { Round } from "./report.ts";
import { createRows, dropRows } from "./rows.ts";
import type { DrillStack } from "./stack.ts";
import { Undo } from "./undo.ts";
import { unhealthyParts } from "./redundancy.ts";

/** For each PgBouncer. */
const WRITERS = 2;
const READERS = 1;

/** However slow the machine, a client waits no longer for an answer. In ms. */
const LONGEST_WAIT = 20_000;

/** Limits of waits, in ms. */
const WHOLE_WITHIN = 60_000;
const DROPPED_WITHIN = 60_000;

/**
 * Puts a fault on the stack once, with clients at its endpoints.
 *
 * @throws DrillError when the stack is not whole to begin with, or the fault cannot be undone
 */
export async function runRound(context: RoundContext): Promise<Round> {
  const { stack, signal } = context;
  await requireWhole(stack, signal);
  await createRows(stack);
  try {
    const redis = await RedisWriters.open(stack.outputs);
    try {
      return await withClients(context, redis);
    } finally {
      await redis.close();
    }
  } finally {
    await dropRowsInTime(context);
  }
}

async function withClients(context: RoundContext, redis: RedisWriters): Promise<Round> {
  const { stack, fault, patience } = context;
  const { outputs } = stack;
  const answerWithin = Math.min(ANSWER_WITHIN * patience, LONGEST_WAIT);
  const several = (each: number, make: typeof writer) =>
    Array.from({ length: each * outputs.poolers.length }, (_, i) => make(outputs, i + 1, answerWithin));
  const ground: Ground = {
    stack,
    leader: await stack.leader(),
    undo: new Undo(),
    redisMaster: redis.writers[0]!.master,
  };
  const clients: Clients = {
    writers: several(WRITERS, writer),
    readers: several(READERS, reader),
    redis: redis.writers.map(({ client }) => client),
    others: fault.clients?.(ground) ?? [],
  };
  const all = Object.values(clients).flat() as Client[];
  const load = loadavg()[0]!;
  const halts = monitorEventLoopDelay({ resolution: 10 });
  halts.enable();
  for (const client of all) client.start();
  try {
    const course = await runFault(context, ground, all);
    await Promise.all(all.map((client) => client.stop()));
    halts.disable();
    const counted = await results(ground, redis, clients, course);
    return { ...counted, ownHalt: Math.round(halts.max / 1e6), load };
  } finally {
    await Promise.all(all.map((client) => client.stop()));
    halts.disable();
  }
}

/** @throws DrillError */
async function requireWhole(stack: DrillStack, signal: AbortSignal): Promise<void> {
  await waitFor(async () => nothingMissing((await unhealthyParts(stack)).join("; ") || undefined), {
    within: WHOLE_WITHIN,
    every: 1_000,
    what: `stack ${stack.name} to be whole`,
    signal,
    waitOut: anyError,
    failure: (seen) => new DrillError(`Stack ${stack.name} is not whole: ${seen}.`),
  });
}

/** Also after an interruption, when the primary may not be back yet. An error would hide the round's own. */
async function dropRowsInTime({ stack, say }: RoundContext): Promise<void> {
  const drop = () => dropRows(stack).then(() => true);
  const limits = { within: DROPPED_WITHIN, every: 250, waitOut: anyError };
  await waitFor(drop, { ...limits, what: "the drill's rows to be dropped" }).catch((error: unknown) => {
    say(`  ${messageOf(error)}. The next drill drops them.`);
  });
}

import { anyError, ifInTime, nothingMissing, pause, waitFor } from "../../lib/wait.ts";
import type { Client } from "./client.ts";
import { DrillError } from "./error.ts";
import type { Fault, Ground } from "./faults/fault.ts";
import { errorCounts } from "./clientLog.ts";
import type { DrillStack } from "./stack.ts";
import { unhealthyParts } from "./redundancy.ts";

/** What every client has done before the fault. */
const WARM = 20;
/** A fault shows itself only after a while: whoever is served then has got over it. In ms. */
const SHOWS_WITHIN = 8_000;
/** How long the clients go on once the stack is whole again. In ms. */
const AFTERWARDS = 2_000;

/** Limits of each wait, so that a drill ends in any case. In ms. */
const WARM_WITHIN = 60_000;
const SERVED_WITHIN = 120_000;
const WHOLE_WITHIN = 300_000;

export interface RoundContext {
  stack: DrillStack;
  fault: Fault;
  /** How slow the machine may be: 1 is one that does nothing else. */
  patience: number;
  /** Aborted when the drill is interrupted: the fault is undone all the same. */
  signal: AbortSignal;
  say: (line: string) => void;
}

export interface FaultResult {
  /** What the fault did. */
  done: string;
  /** When it began and when the clients were stopped. */
  from: number;
  to: number;
  redundancy: number | null;
}

/** The fault, from before it to after it. Whatever happens, it is undone. */
export async function runFault(
  context: RoundContext,
  ground: Ground,
  all: readonly Client[],
): Promise<FaultResult> {
  const { fault, signal, say } = context;
  await waitFor(() => all.every(({ journal }) => journal.acknowledged.length >= WARM), {
    within: WARM_WITHIN,
    every: 250,
    what: "all clients to be served",
    signal,
    failure: () => new DrillError(`Clients are not served before the fault: ${errorsOf(all)}`),
  });

  let undone = false;
  const { undo } = ground;
  const end = async () => {
    undone = true;
    const left = await undo.all();
    if (left.length > 0)
      throw new DrillError(`Not everything could be undone. Do it by hand: ${left.join("; ")}`);
  };
  const from = performance.now();
  try {
    const done = await fault.begin(ground);
    say(`  ${done}`);
    const endsByItself = undo.isEmpty;
    const begun = performance.now();
    // Where there is nothing to undo, this watches from the beginning; else from when the fault is undone.
    const settled = endsByItself ? watchWhole(context, from, () => undone) : undefined;
    settled?.catch(() => undefined);
    const served = await lasted(context, begun, all);
    if (!served) say(`  not all clients were served within ${SERVED_WITHIN / 1000} s`);
    const ended = performance.now();
    await end();
    const redundancy = await (settled ?? watchWhole(context, ended, () => true));
    say(
      redundancy === null
        ? "  the stack is not whole again"
        : `  whole after ${(redundancy / 1000).toFixed(1)} s`,
    );
    await pause(AFTERWARDS, signal);
    return { done, from, to: performance.now(), redundancy };
  } finally {
    if (!undone) await end();
  }
}

/** The fault's own time, or until all clients are served in spite of it. @returns whether they are */
async function lasted(
  { fault, signal }: RoundContext,
  begun: number,
  all: readonly Client[],
): Promise<boolean> {
  if (fault.lasts !== undefined) {
    await pause(fault.lasts, signal);
    return true;
  }
  const shown = begun + SHOWS_WITHIN;
  const served = await ifInTime(
    waitFor(() => all.every((client) => client.mayEnd || client.hasGoneOnSince(shown)), {
      within: SERVED_WITHIN,
      every: 50,
      what: "all clients to be served again",
      signal,
    }),
  );
  return served === true;
}

/**
 * How long (ms) after a moment the stack became whole and stayed so until the fault had ended; null when it did not in
 * all the time that a drill has.
 */
async function watchWhole(
  { stack, signal }: RoundContext,
  since: number,
  hasEnded: () => boolean,
): Promise<number | null> {
  let whole: number | undefined;
  const look = async () => {
    const unhealthy = await unhealthyParts(stack);
    if (unhealthy.length > 0) whole = undefined;
    else whole ??= performance.now();
    return nothingMissing(unhealthy.join("; ") || undefined) && hasEnded();
  };
  const limits = { within: WHOLE_WITHIN, every: 300, signal, waitOut: anyError };
  const settled = await ifInTime(waitFor(look, { ...limits, what: "the stack to be whole again" }));
  return settled ? Math.max(0, whole! - since) : null;
}

function errorsOf(clients: readonly Client[]): string {
  const late = clients.filter(({ journal }) => journal.acknowledged.length < WARM);
  const counts = errorCounts(clients.map(({ journal }) => journal));
  const messages = Object.keys(counts).slice(0, 3).join("; ");
  return `${late.map(({ journal }) => journal.client).join(", ")}${messages === "" ? "" : ` (${messages})`}.`;
}

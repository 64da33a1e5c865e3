import { cpus, totalmem } from "node:os";
import { messageOf } from "../../lib/errors.ts";
import { DrillError } from "./error.ts";
import { expectationOf } from "./expectations.ts";
import { FAULTS } from "./faults/index.ts";
import { violations, summary } from "./evaluate.ts";
import type { FaultName } from "./names.ts";
import type { DrillReport, FaultReport } from "./report.ts";
import { runRound } from "./round.ts";
import type { DrillStack } from "./stack.ts";

export interface DrillOptions {
  faults: readonly FaultName[];
  /** How often each fault is put on the stack. @default 1 */
  rounds?: number;
  /** By which expected times, and the clients' own, are multiplied on a machine that does other work. @default 1 */
  patience?: number;
  /** Aborted to end the drill early: the fault in hand is undone. */
  signal?: AbortSignal;
  /** Told what is done, in lines. */
  say?: (line: string) => void;
}

/**
 * Puts one fault after the other on a running stack, with clients at its endpoints, and measures what they see.
 *
 * Ends early, and says so in the report, when the stack does not become whole again: what came after would measure
 * something else.
 *
 * @throws DrillError when it was interrupted and something could not be undone
 */
export async function drill(stack: DrillStack, options: DrillOptions): Promise<DrillReport> {
  const {
    faults,
    rounds = 1,
    patience = 1,
    signal = new AbortController().signal,
    say = () => undefined,
  } = options;
  const report: DrillReport = {
    stack: stack.name,
    at: new Date().toISOString(),
    machine: { cores: cpus().length, memoryMb: Math.round(totalmem() / 2 ** 20) },
    shape: stack.shape,
    faults: [],
  };
  for (const name of faults) {
    const one = await drillFault(stack, name, { rounds, patience, signal, say });
    report.faults.push(one);
    if (signal.aborted) report.ended = "it was interrupted";
    else if (one.failed !== undefined) report.ended = `${name}: ${one.failed}`;
    else if (one.rounds.some(({ figures }) => figures.redundancy === null)) {
      report.ended = `after ${name} the stack did not become whole again`;
    }
    if (report.ended !== undefined) break;
  }
  return report;
}

type Settings = Required<Pick<DrillOptions, "rounds" | "patience" | "signal" | "say">>;

async function drillFault(
  stack: DrillStack,
  name: FaultName,
  { rounds, patience, signal, say }: Settings,
): Promise<FaultReport> {
  const fault = FAULTS[name];
  const expectation = expectationOf(name, stack.shape);
  const report: FaultReport = {
    fault: name,
    what: fault.what,
    expectation,
    rounds: [],
    misses: [],
    unchanged: null,
  };
  try {
    const impossible = await fault.impossible?.(stack);
    if (impossible !== undefined) {
      say(`› ${name}: not run, ${impossible}`);
      return { ...report, impossible };
    }
    for (let i = 1; i <= rounds; i++) {
      say(`› ${name}${rounds > 1 ? ` (${i} of ${rounds})` : ""}`);
      const round = await runRound({ stack, fault, patience, signal, say });
      report.rounds.push(round);
      say(`  ${summary(round.figures)}`);
      if (round.figures.redundancy === null) break;
    }
    const changes = await stack.changes?.();
    if (stack.changes) report.unchanged = changes === undefined;
    if (changes !== undefined) report.changes = changes;
  } catch (error) {
    if (!signal.aborted) report.failed = messageOf(error);
    else if (error instanceof DrillError) throw error; // something could not be undone
  }
  const figures = report.rounds.map((round) => round.figures);
  if (figures.length > 0) report.misses = violations(expectation, figures, patience);
  return report;
}

import { describe, expect, it } from "vitest";
import { expectationOf, type Figures } from "../../../operations/drill/expectations.ts";
import { violations } from "../../../operations/drill/evaluate.ts";
import type { FaultName } from "../../../operations/drill/names.ts";
import {
  type DrillReport,
  type FaultReport,
  isPassed,
  render,
  type Round,
} from "../../../operations/drill/report.ts";

const SHAPE = { members: 3, synchronous: true, etcd: 3, routers: 2, poolers: 2, redisNodes: 6 };
const FIGURES: Figures = {
  ...{ writeGap: 1_234, readGap: 100, redisGap: 100, redundancy: 12_000 },
  ...{ failedWrites: 4, failedReads: 1, failedRedis: 0, lostRows: 0, lostKeys: 0, splitBrain: 0 },
};

function round(figures: Partial<Figures>): Round {
  return {
    figures: { ...FIGURES, ...figures },
    done: "killed",
    primary: { before: "postgres-1", after: "postgres-2" },
    acknowledged: 100,
    commonWriteGap: 1_000,
    gaps: {},
    examples: figures.lostRows ? ["writer 1:7 lost"] : [],
    errors: {},
    ownHalt: 12,
    load: 1,
  };
}

function fault(name: FaultName, rounds: Round[], more: Partial<FaultReport> = {}): FaultReport {
  const expectation = expectationOf(name, SHAPE);
  const found = rounds.map(({ figures }) => figures);
  return {
    fault: name,
    what: "",
    expectation,
    rounds,
    misses: found.length > 0 ? violations(expectation, found) : [],
    unchanged: true,
    ...more,
  };
}

const report = (...faults: FaultReport[]): DrillReport => ({
  stack: "prod",
  at: "2026-11-21T12:00:00.000Z",
  machine: { cores: 2, memoryMb: 24_000 },
  shape: SHAPE,
  faults,
});

describe("isPassed", () => {
  const good = fault("postmaster-killed", [round({})]);

  it.each<[string, DrillReport, boolean]>([
    ["all as expected", report(good), true],
    ["one not run for a reason", report(good, fault("volume-full", [], { impossible: "shared" })), true],
    ["a miss", report(good, fault("leader-killed", [round({ lostRows: 1 })])), false],
    ["an update would change something", report({ ...good, unchanged: false }), false],
    ["nobody asked for a preview", report({ ...good, unchanged: null }), true],
    ["a fault that failed", report({ ...good, failed: "the engine is away" }), false],
    ["ended early", { ...report(good), ended: "it was interrupted" }, false],
  ])("%s", (_, given, passed) => {
    expect(isPassed(given)).toBe(passed);
  });
});

describe("render", () => {
  const text = render(
    report(
      fault("postmaster-killed", [round({ writeGap: 1_000 }), round({ writeGap: 1_500 })]),
      fault("leader-killed", [round({ lostRows: 1, redundancy: null })], {
        unchanged: false,
        changes: "~ x",
      }),
      fault("volume-full", [], { impossible: "it shares the engine's file system" }),
    ),
    110,
  );

  it("has a line for each fault that was run, and none for others", () => {
    expect(text).toMatch(/^postmaster-killed +1\.3 s .*4\/1\/0 +0\/0 +0 +12 s +ok$/m);
    expect(text).toMatch(/^leader-killed .* never +MISSED$/m);
    expect(text).not.toMatch(/^volume-full +\d/m);
  });

  it("says what was missed, by how much, and which rows", () => {
    expect(text).toContain("leader-killed: MISSED rows lost 1, expected 0 at most.");
    expect(text).toContain("leader-killed: rows writer 1:7 lost.");
    expect(text).toContain("leader-killed: MISSED an update would change something: ~ x");
  });

  it("says what was not run and why, and all gaps of several rounds", () => {
    expect(text).toContain("volume-full: not run: it shares the engine's file system.");
    expect(text).toContain("postmaster-killed: write gaps of the rounds: 1.0 s, 1.5 s.");
  });

  it("says so where the machine did other work", () => {
    expect(text).not.toContain("busy");
    const busy = report(fault("none", [{ ...round({}), load: 9.5 }]));
    expect(render(busy, 110)).toContain("(load 9.5 on 2 cores)");
  });

  it("keeps to the width", () => {
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
  });
});

import { describe, expect, it } from "vitest";
import { expectationOf, type Figures } from "../../../operations/drill/expectations.ts";
import { FAULTS } from "../../../operations/drill/faults/index.ts";
import { violations, overRounds, sentence, summary } from "../../../operations/drill/evaluate.ts";
import { FAULT_NAMES } from "../../../operations/drill/names.ts";
import type { StackShape } from "../../../operations/drill/stack.ts";

const PROD: StackShape = { members: 3, synchronous: true, etcd: 3, routers: 2, poolers: 2, redisNodes: 6 };
const DEV: StackShape = { members: 2, synchronous: false, etcd: 1, routers: 1, poolers: 1, redisNodes: 6 };
const QUIET: Figures = {
  ...{ writeGap: 0, readGap: 0, redisGap: 0, redundancy: 0 },
  ...{ failedWrites: 0, failedReads: 0, failedRedis: 0, lostRows: 0, lostKeys: 0, splitBrain: 0 },
};

describe("expectations", () => {
  it.each(FAULT_NAMES)("%s: a synchronous stack loses no acknowledged row and has one primary", (fault) => {
    expect(expectationOf(fault, PROD)).toMatchObject({ lostRows: 0, splitBrain: 0 });
  });

  it.each(FAULT_NAMES)("%s has bounds for each gap and for redundancy", (fault) => {
    for (const shape of [PROD, DEV]) {
      const { writeGap, readGap, redisGap, redundancy } = expectationOf(fault, shape);
      for (const bound of [writeGap, readGap, redisGap, redundancy]) expect(bound).toBeGreaterThan(0);
    }
  });

  it("are the goals of the project where commits wait for a replica", () => {
    const of = (fault: (typeof FAULT_NAMES)[number]) => expectationOf(fault, PROD);
    expect(of("postmaster-killed").writeGap).toBe(2_000);
    for (const fault of ["leader-killed", "leader-paused", "leader-isolated"] as const)
      expect(of(fault).writeGap).toBe(25_000);
    expect(of("switchover")).toMatchObject({ writeGap: 2_000, failedWrites: 0, failedReads: 0 });
    expect(of("redis-master-killed").redisGap).toBe(5_000);
    expect(of("replica-killed").redundancy).toBe(30_000);
    expect(of("none")).toMatchObject({ failedWrites: 0, failedReads: 0, failedRedis: 0, lostKeys: 0 });
  });

  it("promise less where commits wait for nobody, and say so", () => {
    const killed = expectationOf("leader-killed", DEV);
    expect(killed).not.toHaveProperty("lostRows");
    expect(killed).toMatchObject({
      splitBrain: 0,
      note: expect.stringContaining("commits wait for no replica") as string,
    });
    const stopped = expectationOf("leader-paused", DEV);
    expect(stopped).not.toHaveProperty("splitBrain");
    expect(stopped.note).toContain("when it wakes");
    // Whose primary stays, or goes as planned, loses nothing there either.
    for (const fault of ["none", "switchover", "etcd-down", "router-killed"] as const)
      expect(expectationOf(fault, DEV)).toMatchObject({ lostRows: 0, splitBrain: 0 });
  });

  it("belong to faults that are there under their own names", () => {
    for (const name of FAULT_NAMES) expect(FAULTS[name].name).toBe(name);
  });
});

describe("overRounds", () => {
  const rounds = [9_000, 1_000, 2_000, 4_000].map((writeGap, lostRows) => ({ ...QUIET, writeGap, lostRows }));

  it("takes the median of times and the worst of counts", () => {
    expect(overRounds("writeGap", rounds)).toBe(3_000);
    expect(overRounds("writeGap", rounds.slice(1))).toBe(2_000);
    expect(overRounds("lostRows", rounds)).toBe(3);
  });

  it("has no value where a round did not come to an end", () => {
    expect(overRounds("redundancy", [QUIET, { ...QUIET, redundancy: null }])).toBeNull();
    expect(overRounds("redundancy", [])).toBeNull();
  });
});

describe("misses", () => {
  const expectation = { writeGap: 2_000, lostRows: 0, redundancy: 30_000 };

  it("finds nothing at the limits themselves", () => {
    expect(violations(expectation, [{ ...QUIET, writeGap: 2_000, redundancy: 30_000 }])).toEqual([]);
  });

  it("names each figure that is worse, and passes over those that are not promised", () => {
    const worse = { ...QUIET, writeGap: 2_001, lostRows: 1, redundancy: null, failedWrites: 9 };
    expect(violations(expectation, [worse]).map(sentence)).toEqual([
      "write gap 2.0 s, expected 2.0 s at most",
      "rows lost 1, expected 0 at most",
      "redundancy never, expected 30 s at most",
    ]);
  });

  it("has patience with times, and none with counts", () => {
    const worse = { ...QUIET, writeGap: 7_000, lostRows: 1 };
    expect(violations(expectation, [worse], 4)).toEqual([{ figure: "lostRows", measured: 1, expected: 0 }]);
  });
});

describe("summary", () => {
  it("tells the gaps, and of counts those that are not zero", () => {
    expect(summary({ ...QUIET, writeGap: 1_900 })).toBe("write gap 1.9 s, read gap 0 ms, Redis gap 0 ms");
    expect(summary({ ...QUIET, lostRows: 2, failedReads: 1 })).toMatch(/; failed reads 1, rows lost 2$/);
  });
});

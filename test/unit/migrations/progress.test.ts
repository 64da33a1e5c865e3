import { expect, test } from "vitest";
import { describe as told } from "../../../components/migrations/progress.ts";
import type { Sample } from "../../../components/migrations/progress.ts";

const sample = (changes: Partial<Sample>): Sample => ({
  at: new Date("2025-06-01T00:00:00Z"),
  phase: "building index: scanning table",
  blocks_done: "0",
  blocks_total: "0",
  tuples_done: "0",
  tuples_total: "0",
  lockers_done: "0",
  lockers_total: "0",
  blockers: null,
  ...changes,
});
const later = new Date("2025-06-01T00:00:10Z");

test.each<[string, Partial<Sample>, Partial<Sample> | undefined]>([
  ["building index: scanning table (12 s so far)", {}, undefined],
  [
    "building index: scanning table, 25 % (12 s so far)",
    { blocks_done: "25", blocks_total: "100" },
    undefined,
  ],
  [
    "building index: scanning table, 75 %, about 5 s left of this phase (12 s so far)",
    { blocks_done: "75", blocks_total: "100", at: later },
    { blocks_done: "25", blocks_total: "100" },
  ],
  // The server leaves the counts of the phase before.
  [
    "building index: sorting live tuples (12 s so far)",
    { phase: "building index: sorting live tuples", blocks_done: "75", blocks_total: "100" },
    undefined,
  ],
  // A standstill.
  [
    "building index: scanning table, 25 % (12 s so far)",
    { blocks_done: "25", blocks_total: "100", at: later },
    { blocks_done: "25", blocks_total: "100" },
  ],
  [
    "building index: loading tuples in tree, 99 % (12 s so far)",
    {
      phase: "building index: loading tuples in tree",
      tuples_done: "9999999999",
      tuples_total: "10000000000",
      blocks_done: "1",
      blocks_total: "100",
    },
    undefined,
  ],
  [
    "waiting for old snapshots, 1 of 2 transactions ended, waits for pid 7 (app, idle in transaction for 60 s) (12 s so far)",
    {
      phase: "waiting for old snapshots",
      lockers_done: "1",
      lockers_total: "2",
      blockers: "pid 7 (app, idle in transaction for 60 s)",
    },
    undefined,
  ],
  ["running (12 s so far)", { phase: null }, undefined],
])("%s", (line, now, since) => {
  expect(told(sample(now), since && sample(since), 12_345)).toBe(line);
});

import { expect, test } from "vitest";
import { shortenPlan, type Partitions, type PlanNode } from "../../../docs/generator/plans/plan.ts";
import { planFault } from "../../../docs/generator/plans/prove.ts";
import type { SeedQuery } from "../../../docs/generator/plans/seedQuery.ts";

const PARTITIONS: Partitions = {
  roots: new Map([
    ...["logs_y2025m05", "logs_y2025m06"].map((name) => [name, "logs"] as const),
    ...["logs_y2025m05_at_idx", "logs_y2025m06_at_idx"].map((name) => [name, "idx_logs_at"] as const),
  ]),
  counts: new Map([["logs", 4]]),
};

const scan = (month: string, number: number): PlanNode => ({
  "Node Type": "Index Scan",
  "Scan Direction": "Forward",
  "Index Name": `logs_${month}_at_idx`,
  "Relation Name": `logs_${month}`,
  Alias: `logs_${number}`,
  "Index Cond": "(at > now())",
});
const append: PlanNode = {
  "Node Type": "Merge Append",
  "Sort Key": ["logs_1.at DESC", "logs_1.id"],
  "Subplans Removed": 2,
  Plans: [scan("y2025m05", 1), scan("y2025m06", 2)],
};

test("partitions that are read alike are one line, under the names at the top", () => {
  expect(shortenPlan({ "Node Type": "Limit", Plans: [append] }, PARTITIONS)).toEqual({
    lines: [
      "Limit",
      "  -> Merge Append (Subplans Removed: 2)",
      "       Sort Key: logs.at DESC, logs.id",
      "       -> Index Scan using idx_logs_at on logs, in each of 2 partitions",
      "            Index Cond: (at > now())",
    ],
    indexes: ["idx_logs_at"],
    readWhole: [],
    partitions: [{ table: "logs", planned: 2, of: 4 }],
  });
});

test("one that is read otherwise is a line of its own", () => {
  const whole: PlanNode = { "Node Type": "Seq Scan", "Relation Name": "logs_y2025m06", Alias: "logs_2" };
  const plan = shortenPlan({ ...append, Plans: [scan("y2025m05", 1), whole] }, PARTITIONS);
  expect(plan.lines.filter((line) => line.includes("->"))).toEqual([
    "  -> Index Scan using idx_logs_at on logs",
    "  -> Seq Scan on logs",
  ]);
  expect(plan.readWhole).toEqual(["logs"]);
});

test("joins keep both inputs although they are alike, and say which alias is which", () => {
  const side = (Alias: string): PlanNode => ({
    "Node Type": "Index Only Scan",
    "Scan Direction": "Backward",
    "Index Name": "users_pkey",
    "Relation Name": "users",
    Alias,
  });
  const plan = shortenPlan(
    { "Node Type": "Nested Loop", "Join Type": "Left", Plans: [side("a"), side("users")] },
    PARTITIONS,
  );
  expect(plan.lines).toEqual([
    "Nested Loop Left",
    "  -> Index Only Scan Backward using users_pkey on users a",
    "  -> Index Only Scan Backward using users_pkey on users",
  ]);
});

const query: SeedQuery = { schema: "s", title: "Late rows", source: "", sql: "SELECT 1", indexes: ["idx_a"] };
const plan = { lines: ["Result"], indexes: ["idx_a"], readWhole: [], partitions: [] };

test("a plan with the expected index is no fault", () => {
  expect(planFault(query, plan)).toBeUndefined();
});

test.each([
  [["idx_b"], [], "is to be served by idx_a, but the plan reads idx_b"],
  [[], ["t"], "is to be served by idx_a, but the plan reads no index, and is not to read all of t"],
  [["idx_a", "idx_b"], [], "is to be served by idx_a, but the plan reads idx_a and idx_b"],
  [["idx_a"], ["t"], "is not to read all of t"],
])("indexes %j and %j read whole are a fault with the query and its plan", (indexes, readWhole, words) => {
  expect(planFault(query, { ...plan, indexes, readWhole })).toBe(
    `s: the query "Late rows" ${words}.\n\nSELECT 1\n\nResult`,
  );
});

test("an index where none is expected is a fault: the page would say that none is worth it", () => {
  expect(planFault({ ...query, indexes: [] }, plan)).toContain(
    "is to be served by no index, but the plan reads idx_a",
  );
});

test("a table that the list says is read whole may be", () => {
  expect(
    planFault({ ...query, readsWhole: ["t"], note: "small" }, { ...plan, readWhole: ["t"] }),
  ).toBeUndefined();
});

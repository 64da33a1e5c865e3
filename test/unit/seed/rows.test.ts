import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Dataset } from "../../../operations/seed/dataset.ts";
import { batchesOf, copyText } from "../../../operations/seed/fill.ts";
import { LEAST_ROWS, rowCounts, TABLE_NAMES } from "../../../operations/seed/shares.ts";
import { selectTables, TABLES } from "../../../operations/seed/tables.ts";

const UNTIL = Date.UTC(2026, 10, 21, 12);
const dataset = (seed = 1, rows = 20_000, until = UNTIL) => new Dataset({ rows, seed, months: 2, until });

/** All rows of a dataset as they go to the server. */
function checksum(set: Dataset): string {
  const hash = createHash("sha256");
  for (const table of TABLES) {
    const rows = table.rows(set);
    for (const batch of batchesOf(set.counts[table.name]))
      for (const text of copyText(rows, batch)) hash.update(text);
  }
  return hash.digest("hex");
}

describe("the same rows", () => {
  test("come from the same seed, on every machine", () => {
    // Changes whenever what is generated does. Data that was made before is another one then: say so in the changelog.
    expect(checksum(dataset())).toBe("68e1e6f57994e6f59552d641bfc96b902b209cd1311e310774e850ec57bcf32f");
  });

  test("come whatever was made before them", () => {
    const again = dataset();
    const tables = TABLES.map((table) => ({
      count: again.counts[table.name],
      fresh: table.rows(dataset()),
      used: table.rows(again),
    }));
    fc.assert(
      fc.property(fc.constantFrom(...tables), fc.nat(), ({ count, fresh, used }, place) => {
        used.row((place * 7) % count);
        return used.row(place % count) === fresh.row(place % count);
      }),
      { numRuns: 2_000 },
    );
  });

  test("come from no other seed, size or end", () => {
    const others = [dataset(2), dataset(1, 20_001), dataset(1, 20_000, UNTIL - 1000)].map(checksum);
    expect(new Set([checksum(dataset()), ...others]).size).toBe(4);
  });
});

test("every row has a value for each column, and none is undefined", () => {
  const set = dataset();
  for (const table of TABLES) {
    const rows = table.rows(set);
    for (let i = 0; i < set.counts[table.name]; i++) {
      const row = rows.row(i);
      expect(row.split("\t"), `${table.name} ${i}: ${row}`).toHaveLength(table.columns.length);
      expect(row).not.toMatch(/undefined|NaN|Infinity|\[object/);
    }
  }
});

test("keys of one seed are not those of another", () => {
  const first = dataset(1);
  const second = dataset(2);
  for (const table of TABLES) {
    const keys = new Set<string>();
    const count = first.counts[table.name];
    for (const rows of [table.rows(first), table.rows(second)])
      for (let i = 0; i < count; i++) keys.add(rows.key(i).join());
    expect(keys.size, table.name).toBe(2 * count);
  }
});

describe("the rows of all tables", () => {
  test("add up to those that were asked for, and every table has some", () => {
    fc.assert(
      fc.property(fc.integer({ min: LEAST_ROWS, max: 1e9 }), (rows) => {
        const counts = Object.values(rowCounts(rows));
        return counts.every((count) => count > 0) && counts.reduce((sum, count) => sum + count, 0) === rows;
      }),
    );
  });

  test("are most where the requirements have most", () => {
    const counts = rowCounts(1_000_000);
    const largest = TABLE_NAMES.toSorted((a, b) => counts[b] - counts[a]).slice(0, 4);
    expect(largest).toEqual([
      "pgc.policy_decisions",
      "integrity.audit_logs",
      "dgm.performance_metrics",
      "gs.synthesis_history",
    ]);
  });

  test("are not to be had from too few", () => {
    expect(() => rowCounts(LEAST_ROWS - 1)).toThrow(
      `${LEAST_ROWS - 1} rows are too few for all tables: at least ${LEAST_ROWS}.`,
    );
  });

  test("belong to tables that are filled", () => {
    expect(TABLES.map(({ name }) => name).sort()).toEqual([...TABLE_NAMES].sort());
  });
});

describe("tables that are named", () => {
  test("bring those they reference, before them", () => {
    expect(selectTables(["gs.llm_interactions"]).map(({ name }) => name)).toEqual([
      "gs.policy_templates",
      "gs.synthesis_history",
      "gs.multi_model_consensus",
      "gs.llm_interactions",
    ]);
  });

  test("come after all they need in the order of all tables", () => {
    for (const [place, table] of TABLES.entries())
      for (const needed of table.needs ?? [])
        expect(
          TABLES.findIndex(({ name }) => name === needed),
          `${table.name} needs ${needed}`,
        ).toBeLessThan(place);
  });

  test("must be there", () => {
    expect(() => selectTables(["auth.users", "auth.usrs"])).toThrow(
      "There is no table auth.usrs; there are auth.permissions,",
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adviseOn } from "../../../operations/report/advice.ts";
import { inUtc, snakeCase } from "../../../operations/report/member.ts";
import { render } from "../../../operations/report/render.ts";
import { textTable, wrap } from "../../../lib/text/table.ts";
import { duration, oneLine, percent, size } from "../../../lib/text/words.ts";
import { healthy, member, table } from "./findings.ts";

test.each([
  ["2026-11-21 18:00:00.123+00", "2026-11-21T18:00:00.123Z"],
  ["2026-11-21 18:00:00+05:30", "2026-11-21T12:30:00.000Z"],
  ["1890-01-01 05:53:28+05:53:28", "1890-01-01T00:00:00.000Z"],
  ["0044-03-15 00:00:00+00 BC", "-000043-03-15T00:00:00.000Z"],
  ["infinity", null],
  ["-infinity", null],
])("%s is %s in UTC", (text, time) => {
  expect(inUtc(text)).toBe(time);
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 kB"],
  [200 * 1024 ** 2, "200 MB"],
  [-5 * 1024 ** 3, "-5.0 GB"],
])("%i bytes are %s", (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

test.each([
  [0.1234, "123 ms"],
  [3.21, "3.2 s"],
  [89, "89 s"],
  [300, "5 min"],
  [7_200, "2.0 h"],
  [864_000, "10 d"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test("shares have more digits where they matter", () => {
  expect([0.005, 0.5, 0.99, 0.9987, 1].map(percent)).toEqual(["0.5 %", "50 %", "99 %", "99.87 %", "100 %"]);
});

test("a statement is shown on one line, without its comments", () => {
  expect(oneLine("-- why\nSELECT *\n   FROM t -- where\n", 80)).toBe("SELECT * FROM t");
  expect(oneLine("SELECT a_long_name", 10)).toBe("SELECT a_…");
});

test("names of the JSON are those of the views", () => {
  expect(
    ["growthBytes7d", "isReplica", "failures7d", "rows", "longestIdleInTransactionS"].map(snakeCase),
  ).toEqual(["growth_bytes_7d", "is_replica", "failures_7d", "rows", "longest_idle_in_transaction_s"]);
});

describe("textTable", () => {
  const shape = [
    { title: "name", cell: (row: string[]) => row[0]! },
    { title: "n", cell: (row: string[]) => row[1]!, right: true },
    { title: "text", cell: (row: string[]) => row[2]! },
  ];

  test("cuts the widest text, never a number", () => {
    expect(
      textTable(
        shape,
        [
          ["a", "12", "x".repeat(50)],
          ["bb", "3", "y"],
        ],
        30,
      ),
    ).toEqual(["name   n  text", "a     12  xxxxxxxxxxxxxxxxxxx…", "bb     3  y"]);
  });

  test("keeps to the width, whatever the cells", () => {
    const cell = fc.string({ maxLength: 120 });
    const row = fc.tuple(cell, fc.nat().map(String), cell);
    fc.assert(
      fc.property(fc.array(row), fc.integer({ min: 40, max: 160 }), (found, width) => {
        for (const line of textTable(shape, found, width)) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });

  test("wrap loses nothing but blanks, and keeps to the width", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 5, max: 80 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.join("").replaceAll(/\s+/g, "")).toBe(text.replaceAll(/\s+/g, ""));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe("the report for people", () => {
  const style = (what: string, text: string): string => (what === "bold" ? text : `<${what}>${text}`);

  test("says that nothing is to be done", () => {
    const text = render({ ...healthy(), advice: [] }, { width: 100, style });
    expect(text).toContain("Advice  none: nothing to do");
    expect(text).toContain("Unused indexes  in 20.5 days, by no member");
  });

  test("ends with what is to be done, its urgency marked, and the command on a line of its own", () => {
    const tables = [table("dgm.t", { deadRows: 50_000, liveRows: 50_000, lastVacuum: null })];
    const findings = healthy({ tables });
    const text = render({ ...findings, advice: adviseOn(findings) }, { width: 100, style });
    expect(text).toContain(
      [
        "Advice  1 warning",
        "SQL on the primary: docker exec --interactive --tty --user postgres acgs-dev-postgres-1 psql acgs_db",
        "",
        "<warning>WARNING vacuum: dgm.t",
        "    50,000 dead rows, 50 % of all; last vacuum: never. An old transaction may hold them",
        "    $ VACUUM (ANALYZE, VERBOSE) dgm.t;",
        "",
      ].join("\n"),
    );
  });

  test("shows the first ten of many, and says where the others are", () => {
    const tables = Array.from({ length: 12 }, (_, i) => table(`dgm.t${i}`));
    expect(render({ ...healthy({ tables }), advice: [] }, { width: 100, style })).toContain(
      "… and 2 more (--json has all)",
    );
  });

  test("does not judge indexes while a member is missing", () => {
    const findings = healthy({ members: [member("postgres-1")] });
    const unjudged = { ...findings, indexes: { ...findings.indexes, observedDays: null }, advice: [] };
    expect(render(unjudged, { width: 100, style })).toContain(
      "Unused indexes  not judged: a member was not reached",
    );
  });
});

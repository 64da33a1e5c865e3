import { describe, expect, it } from "vitest";
import { parseLog, parseOutput } from "../../../bench/pgbench.ts";

const OUTPUT = `pgbench (15.14 (Debian 15.14-0+deb12u1))
transaction type: multiple scripts
scaling factor: 10
query mode: prepared
number of clients: 8
number of threads: 2
duration: 5 s
number of transactions actually processed: 31127
number of failed transactions: 0 (0.000%)
latency average = 1.285 ms
initial connection time = 9.112 ms
tps = 6226.484823 (without initial connection time)
SQL script 1: <builtin: select only>
 - 24901 transactions (80.0% of total, tps = 4981.0)
SQL script 2: <builtin: TPC-B (sort of)>
 - 6226 transactions (20.0% of total, tps = 1245.4)
`;

describe("what pgbench says", () => {
  it("is read for all scripts together", () => {
    expect(parseOutput(OUTPUT)).toEqual({
      tps: 6226.484823,
      mean: 1.285,
      transactions: 31_127,
      errors: 0,
      success: 100,
    });
  });

  it("counts failed transactions and clients that were thrown out", () => {
    const failed = OUTPUT.replace("transactions: 0 (0.000%)", "transactions: 3 (0.010%)");
    const aborted = "pgbench: error: client 5 script 0 aborted in command 1 query 0: ERROR:  no\n";
    expect(parseOutput(`${aborted}${failed}`)).toMatchObject({ errors: 4, success: (100 * 31_127) / 31_131 });
  });

  it("is an error when no transaction was made, or when the end is missing", () => {
    const none = "number of transactions actually processed: 0\nnumber of failed transactions: 0 (NaN%)\n";
    expect(() => parseOutput(none)).toThrow("finished no transaction in its time");
    expect(() => parseOutput("pgbench: error: client 0 aborted")).toThrow("pgbench did not say");
  });
});

describe("pgbench's log", () => {
  it("gives latencies in ms, without those of transactions that were not run", () => {
    const lines = [
      "0 199 2241 0 1175850568 995598",
      "1 4 skipped 0 1175850569 608",
      "",
      "2 5 870 1 1175850569 7",
    ];
    expect(parseLog(lines.join("\n"))).toEqual([2.241, 0.87]);
  });
});

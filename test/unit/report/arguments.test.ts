import { describe, expect, test } from "vitest";
import { report, type ReportArguments } from "../../../cli/report.ts";

describe("acgs report", () => {
  test.each<[string[], ReportArguments]>([
    [[], { stack: "dev" }],
    [["prod"], { stack: "prod" }],
    [["--stack", "prod"], { stack: "prod" }],
    [["--json"], { stack: "dev", json: "-" }],
    [["--json", "prod"], { stack: "prod", json: "-" }],
    [["--json", "out.json", "prod"], { stack: "prod", json: "out.json" }],
    [["prod", "--json=/tmp/report"], { stack: "prod", json: "/tmp/report" }],
    [["--json="], { stack: "dev", json: "-" }],
    [["--fail-on", "critical"], { stack: "dev", failOn: "critical" }],
    [["--fail-on=warning", "--json"], { stack: "dev", json: "-", failOn: "warning" }],
  ])("%j", (args, expected) => {
    expect(report.parse(args)).toEqual(expected);
  });

  test.each([
    [["--fail-on"], "--fail-on needs a value: --fail-on <severity>."],
    [["--fail-on=info"], '--fail-on takes critical or warning, not "info".'],
    [
      ["--yes"],
      "report does not take --yes.\nWrite: ./acgs report [stack] [--json [file]] [--fail-on <severity>] [-s, --stack <name>]",
    ],
    [["dev", "prod"], 'One stack at a time: "dev" and "prod" were named.'],
  ])("refuses %j", (args, message) => {
    expect(() => report.parse(args)).toThrow(message);
  });
});

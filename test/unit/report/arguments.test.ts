import { describe, expect, test } from "vitest";
import { parseReportArguments, type ReportArguments } from "../../../cli/arguments.ts";

describe("parseReportArguments", () => {
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
    expect(parseReportArguments(args)).toEqual(expected);
  });

  test.each([
    [["--fail-on"], '--fail-on takes critical or warning, not "nothing".'],
    [["--fail-on=info"], '--fail-on takes critical or warning, not "info".'],
    [["--yes"], "report does not take --yes; it takes [stack], --json[=FILE] and --fail-on."],
    [["dev", "prod"], 'One stack at a time: "dev" and "prod" were named.'],
  ])("refuses %j", (args, message) => {
    expect(() => parseReportArguments(args)).toThrow(message);
  });
});

import { describe, expect, test } from "vitest";
import { test as acgsTest } from "../../../cli/test.ts";
import { announcement } from "../../../cli/test.ts";
import { afterSecondRun, failedFiles, sum, totalLine, totalOfVitest } from "../../../cli/testTotal.ts";

const file = (status: string, ...tests: string[]) => ({
  name: `/${status}.test.ts`,
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});

describe("totalOfVitest", () => {
  test("counts tests", () => {
    const report = {
      numPassedTests: 2,
      numFailedTests: 1,
      testResults: [file("failed", "passed", "failed"), file("passed", "passed")],
    };
    expect(totalOfVitest(report, 1)).toEqual({ passed: 2, failed: 1 });
  });

  test("a file that cannot be loaded is a failure, beside those of tests", () => {
    const report = {
      numPassedTests: 1,
      numFailedTests: 1,
      testResults: [file("failed"), file("failed", "failed"), file("passed", "passed")],
    };
    expect(totalOfVitest(report, 1)).toEqual({ passed: 1, failed: 2 });
  });

  test("a crash is a failure", () => {
    expect(totalOfVitest(undefined, 137)).toEqual({ passed: 0, failed: 1 });
  });

  test("so is an exit status that no test explains", () => {
    const report = { numPassedTests: 1, numFailedTests: 0, testResults: [file("passed", "passed")] };
    expect(totalOfVitest(report, 1)).toEqual({ passed: 1, failed: 1 });
    expect(totalOfVitest(report, 0)).toEqual({ passed: 1, failed: 0 });
  });

  test("and a run without tests", () => {
    expect(totalOfVitest({ numPassedTests: 0, numFailedTests: 0, testResults: [] }, 0)).toEqual({
      passed: 0,
      failed: 1,
    });
  });
});

describe("a second run of the files that failed", () => {
  const first = {
    numPassedTests: 4,
    numFailedTests: 1,
    testResults: [file("failed", "passed", "failed"), file("passed", "passed", "passed", "passed")],
  };

  test("is of these files alone", () => {
    expect(failedFiles(first)).toEqual(["/failed.test.ts"]);
    expect(failedFiles(undefined)).toEqual([]);
  });

  test("decides how many of their tests failed", () => {
    expect(afterSecondRun(first, { passed: 2, failed: 0 })).toEqual({ passed: 5, failed: 0 });
    expect(afterSecondRun(first, { passed: 1, failed: 1 })).toEqual({ passed: 4, failed: 1 });
    expect(afterSecondRun(first, { passed: 0, failed: 1 })).toEqual({ passed: 3, failed: 1 });
  });
});

test("a run begins with its parts and how long each takes", () => {
  expect(announcement(["lint", "unit"])).toBe(
    "Tests, in minutes on two quiet cores: lint 1, unit 2; 3 in all.",
  );
});

test("the last line is the sum", () => {
  const total = sum([
    { passed: 4, failed: 0 },
    { passed: 120, failed: 2 },
  ]);
  expect(totalLine(total)).toBe("124 passed, 2 failed");
});

test("parts run in their order, flags go to vitest, and a misspelt part is refused", () => {
  expect(acgsTest.parse([]).parts).toEqual(["lint", "unit", "integration", "toolchain", "sql", "stack"]);
  expect(acgsTest.parse(["sql", "unit", "-t", "pools"])).toEqual({
    parts: ["unit", "sql"],
    flags: ["-t", "pools"],
  });
  expect(() => acgsTest.parse(["units"])).toThrow(
    "No part of the tests is called units; the parts are lint, unit, integration, toolchain, sql, stack.",
  );
});

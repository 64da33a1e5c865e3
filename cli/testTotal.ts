/** How many checks or tests passed and failed. */
export interface Total {
  passed: number;
  failed: number;
}

/** What is read of vitest's JSON report. */
export interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  /** One for each file; its name is its path. */
  testResults: { name: string; status: string; assertionResults: { status: string }[] }[];
}

/**
 * Counts a run of vitest. A run that left no report has crashed; a file that failed without a failed test could not be
 * loaded, or failed around its tests; a run without tests proves nothing; and vitest may fail for an error outside any
 * test. Each of these is one failure.
 */
export function totalOfVitest(report: VitestReport | undefined, exitStatus: number): Total {
  if (!report) return { passed: 0, failed: 1 };
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const passed = report.numPassedTests;
  let failed = report.numFailedTests + brokenFiles;
  if (failed === 0 && (exitStatus !== 0 || passed === 0)) failed = 1;
  return { passed, failed };
}

/** Files with a test that failed, or that failed as a whole. */
export function failedFiles(report: VitestReport | undefined): string[] {
  return (report?.testResults ?? []).filter(({ status }) => status === "failed").map(({ name }) => name);
}

/** A run whose failed files were run once more: what the second run says of them counts. */
export function afterSecondRun(first: VitestReport, second: Total): Total {
  const tests = first.testResults
    .filter(({ status }) => status !== "failed")
    .flatMap(({ assertionResults }) => assertionResults);
  return sum([{ passed: tests.filter(({ status }) => status === "passed").length, failed: 0 }, second]);
}

export function sum(totals: Total[]): Total {
  return {
    passed: totals.reduce((all, total) => all + total.passed, 0),
    failed: totals.reduce((all, total) => all + total.failed, 0),
  };
}

/** The last line of `npm test`. */
export function totalLine(total: Total): string {
  return `${total.passed} passed, ${total.failed} failed`;
}

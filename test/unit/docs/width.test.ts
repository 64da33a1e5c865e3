import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pagesIn, ROOT } from "./pageFaults.ts";

/** Nobody can read a wider row, least of all in a diff. What is longer becomes a list. */
const WIDEST = 160;

/** Generated from a server, from the table of privileges, or figures: still tables, with wider rows. */
const STILL_WIDE = /^docs\/(schema|privileges|bench|drills)\b/;

function wideRows(page: string): number[] {
  const lines = readFileSync(join(ROOT, page), "utf8").split("\n");
  return lines.flatMap((line, i) => (line.startsWith("|") && line.length > WIDEST ? [i + 1] : []));
}

test("no page has a table whose rows are too wide to read", () => {
  const wide = pagesIn()
    .filter((page) => !STILL_WIDE.test(page))
    .flatMap((page) => wideRows(page).map((line) => `${page}:${line}`));
  expect(wide).toEqual([]);
});

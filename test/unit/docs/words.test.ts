import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pagesIn, ROOT } from "./pageFaults.ts";

/** Phrases that nobody says to a colleague, for which there is always a plain verb. */
const DIALECT =
  /\b(stands? in|takes? up|taken up|lets? in|made anew|written anew|by itself|by themselves|who has)\b/i;

/** Its text comes from comments of SQL objects. */
const GENERATED = /^docs\/schema\b/;

test("the pages are in plain English", () => {
  const found = pagesIn()
    .filter((page) => !GENERATED.test(page))
    .flatMap((page) =>
      readFileSync(join(ROOT, page), "utf8")
        .split("\n")
        .flatMap((line, i) => {
          const phrase = DIALECT.exec(line)?.[0];
          return phrase === undefined ? [] : [`${page}:${i + 1} says "${phrase}"`];
        }),
    );
  expect(found).toEqual([]);
});

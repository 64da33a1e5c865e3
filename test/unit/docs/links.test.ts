import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pageFaults, pagesIn, ROOT } from "./pageFaults.ts";

test.each(pagesIn())("%s names nothing that is not there", (page) => {
  expect(pageFaults(page, readFileSync(join(ROOT, page), "utf8"))).toEqual([]);
});

test("a fault of each kind is found, and what only looks like one is passed over", () => {
  const text = [
    "# A page",
    "[gone](gone.md), [no heading](../README.md#no-such), [nor here](#nor-here), `test/unit/gone.ts`, `npm run gone`.",
    "[itself](#a-page), [there](../README.md), [outside](https://example.org/gone.md), `[no](link.md)`, `sql/<schema>`,",
    "`docs/bench.md`, `npm run up`, `and/or`.",
    "```sh",
    "# not a heading",
    "npm run lost [no](link.md)",
    "```",
    "[a comment](#not-a-heading)",
  ].join("\n");
  expect(pageFaults("docs/page.md", text)).toEqual([
    "docs/page.md links to docs/gone.md, which is not there",
    "docs/page.md links to ../README.md#no-such, and README.md has no such heading",
    "docs/page.md links to #nor-here, and docs/page.md has no such heading",
    "docs/page.md links to #not-a-heading, and docs/page.md has no such heading",
    "docs/page.md names test/unit/gone.ts, which is not there",
    "docs/page.md has the command npm run gone, which package.json has not",
    "docs/page.md has the command npm run lost, which package.json has not",
  ]);
});

test("the pages of the project are found", () => {
  expect(pagesIn()).toEqual(
    expect.arrayContaining([
      "README.md",
      join("docs", "schema", "dgm.md"),
      join("operations", "seed", "README.md"),
    ]),
  );
});

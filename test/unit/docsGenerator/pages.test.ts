import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { SERVICE_SCHEMAS } from "../../../lib/names.ts";
import { parseDiagram } from "./mermaid.ts";
import { anchorsOf, codeBlocksOf, linksOf, tablesOf } from "./pageText.ts";

// The pages as they are committed. Whether they say what the server says: test/sql/docsGenerator.

const DOCS = join(import.meta.dirname, "../../../docs");
const FILES = ["schema.md", ...globSync("schema/*.md", { cwd: DOCS })];
const read = (file: string) => readFileSync(join(DOCS, file), "utf8");

test("there is a page for each schema", () => {
  for (const schema of SERVICE_SCHEMAS) expect(FILES).toContain(`schema/${schema}.md`);
});

test.each(FILES)("all rows of a table in %s have as many cells as its head", (file) => {
  const tables = tablesOf(read(file));
  expect(tables.length).toBeGreaterThan(0);
  for (const [head = [], ...rows] of tables)
    for (const row of rows) expect([head, row.length]).toEqual([head, head.length]);
});

test.each(FILES.filter((file) => file !== "schema.md"))(
  "the diagram of %s is one, of tables that have a section",
  (file) => {
    const page = read(file);
    const anchors = anchorsOf(page);
    for (const source of codeBlocksOf(page, "mermaid")) {
      const { entities } = parseDiagram(source);
      expect(entities.size).toBeGreaterThan(1);
      const schema = file.slice("schema/".length, -".md".length);
      for (const entity of entities.keys()) expect(anchors).toContain(`${schema}${entity}`);
    }
  },
);

test.each(FILES)("every link in %s leads somewhere", (file) => {
  const links = linksOf(read(file));
  expect(links.length).toBeGreaterThan(3);
  const lost = links.filter((link) => {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? file : normalize(join(dirname(file), path));
    if (!existsSync(join(DOCS, target))) return true;
    return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
  });
  expect(lost).toEqual([]);
});

test.each(FILES)("a heading of %s is there once", (file) => {
  const anchors = anchorsOf(read(file));
  expect(anchors.filter((anchor, i) => anchors.indexOf(anchor) !== i)).toEqual([]);
});

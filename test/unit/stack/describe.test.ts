import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { format } from "prettier";
import { expect, it } from "vitest";
import { configurationTable } from "../../../components/stack/describe.ts";
import { leaves } from "../../../components/stack/schemaWalk.ts";

const root = resolve(import.meta.dirname, "../../..");
const START = "<!-- configuration:start -->";
const END = "<!-- configuration:end -->";
const PRINT = `node -e 'import("./components/stack/describe.ts").then((m) => console.log(m.configurationTable()))'`;

it("describes every key, each once", () => {
  const keys = leaves().map(({ path }) => path.join("."));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toHaveLength(56);
  for (const { notes } of leaves()) {
    expect([notes.meaning, notes.allowed, notes.impact].every((text) => text.trim() !== "")).toBe(true);
  }
});

it("is laid out as Prettier does it", async () => {
  const table = `${configurationTable()}\n`;
  expect(await format(table, { parser: "markdown", printWidth: 110 })).toBe(table);
});

it("stands in the README as the schema has it", () => {
  const file = resolve(root, "README.md");
  const readme = existsSync(file) ? readFileSync(file, "utf8") : "";
  const between = readme.split(START).at(1)?.split(END).at(0)?.trim();
  expect(
    between,
    `README.md holds another table between its markers; print the right one with\n${PRINT}\n`,
  ).toBe(configurationTable());
});

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { format } from "prettier";
import { expect, it } from "vitest";
import { configurationKeys } from "../../../components/stack/describe.ts";
import { leaves } from "../../../components/stack/schemaWalk.ts";

const root = resolve(import.meta.dirname, "../../..");
const START = "<!-- configuration:start -->";
const END = "<!-- configuration:end -->";
const PRINT = `node -e 'import("./components/stack/describe.ts").then((m) => console.log(m.configurationKeys()))'`;

it("describes every key, each once", () => {
  const keys = leaves().map(({ path }) => path.join("."));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toHaveLength(56);
  for (const { notes } of leaves()) {
    expect([notes.meaning, notes.allowed, notes.impact].every((text) => text.trim() !== "")).toBe(true);
  }
});

it("is laid out as Prettier does it", async () => {
  const keys = `${configurationKeys()}\n`;
  expect(await format(keys, { parser: "markdown", printWidth: 110 })).toBe(keys);
});

it("is in docs/configuration.md as the schema has it", () => {
  const file = resolve(root, "docs", "configuration.md");
  const page = existsSync(file) ? readFileSync(file, "utf8") : "";
  const between = page.split(START).at(1)?.split(END).at(0)?.trim();
  expect(
    between,
    `docs/configuration.md holds other keys between its markers; print the right ones with\n${PRINT}\n`,
  ).toBe(configurationKeys());
});

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { format } from "prettier";
import { expect, it } from "vitest";
import { rulesInWords } from "../../../policy/describe.ts";
import { RESOURCE_RULES, STACK_RULES } from "../../../policy/rules/index.ts";

const rules = [...RESOURCE_RULES, ...STACK_RULES];

it("has a name of its own, a description and a remedy for each rule", () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  for (const { name, description, remedy } of rules) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(description, name).toMatch(/^[A-Z].*\.$/);
    // A message puts it into a sentence.
    expect(remedy, name).toMatch(/^[^A-Z].*[^.]$/);
  }
});

it("are in docs/policy.md in the same words", async () => {
  const page = readFileSync(resolve(import.meta.dirname, "../../../docs/policy.md"), "utf8");
  const between = page.split("<!-- rules:start -->").at(1)?.split("<!-- rules:end -->").at(0)?.trim();
  const rulesText = (await format(rulesInWords(), { parser: "markdown", printWidth: 110 })).trim();
  expect(
    between,
    `docs/policy.md holds other rules between its markers; the right ones are\n${rulesText}\n`,
  ).toBe(rulesText);
});

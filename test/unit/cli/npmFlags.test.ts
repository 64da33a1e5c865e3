import { expect, test } from "vitest";
import { swallowedFlags } from "../../../cli/npmFlags.ts";

test("names the flags that npm kept, and how to write the command", () => {
  expect(swallowedFlags("up", ["prod"], { npm_config_yes: "true" })).toEqual({
    flags: ["--yes"],
    remedy: "npm run up -- prod --yes",
    fatal: false,
  });
});

test("a stack that npm kept is fatal: dev would be updated where another was meant", () => {
  const found = swallowedFlags("up", [], { npm_config_stack: "prod" });
  expect(found).toMatchObject({ flags: ["--stack=prod"], remedy: "npm run up -- --stack=prod", fatal: true });
});

test("says nothing where the flag arrived, or npm only states its own defaults", () => {
  expect(swallowedFlags("up", ["--yes"], { npm_config_yes: "true" })).toBeUndefined();
  expect(swallowedFlags("up", [], { npm_config_yes: "", npm_config_json: "false" })).toBeUndefined();
});

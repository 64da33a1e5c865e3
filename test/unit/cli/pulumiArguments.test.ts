import { resolve } from "node:path";
import { expect, it } from "vitest";
import { pulumiArguments } from "../../../cli/pulumiArguments.ts";

const policy = ["--policy-pack", resolve(import.meta.dirname, "../../../policy/serve")];

it("asks nothing for dev, and what Pulumi asks for any other stack", () => {
  expect(pulumiArguments("up", "dev", [])).toEqual([
    "up",
    "--stack",
    "dev",
    "--yes",
    "--skip-preview",
    "--suppress-outputs",
    ...policy,
  ]);
  expect(pulumiArguments("destroy", "dev", ["--yes"])).toEqual(["destroy", "--stack", "dev", "--yes"]);
  expect(pulumiArguments("up", "prod", ["--diff"])).toEqual([
    "up",
    "--stack",
    "prod",
    "--suppress-outputs",
    ...policy,
    "--diff",
  ]);
  expect(pulumiArguments("preview", "dev", ["--diff"])).toEqual([
    "preview",
    "--stack",
    "dev",
    ...policy,
    "--diff",
  ]);
  expect(pulumiArguments("outputs", "dev", [])).toEqual(["stack", "output", "--stack", "dev", "--json"]);
});

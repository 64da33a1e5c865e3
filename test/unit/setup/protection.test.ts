import { expect, it } from "vitest";
import { protectedNames } from "../../../setup/commands/protection.ts";

it("names what is protected, from a stack's export", () => {
  const resource = (name: string, protect?: boolean) => ({
    urn: `urn:pulumi:prod::acgs-db::t:T::${name}`,
    protect,
  });
  const resources = [resource("a"), resource("postgres-1-data", true), resource("b", false)];
  expect(protectedNames(JSON.stringify({ deployment: { resources } }))).toEqual(["postgres-1-data"]);
  expect(protectedNames(JSON.stringify({ version: 3, deployment: {} }))).toEqual([]);
});

import { expect, it } from "vitest";
import { protectedMessage, protectedNames } from "../../../cli/protection.ts";

it("names what is protected, from a stack's export", () => {
  const resource = (name: string, protect?: boolean) => ({
    urn: `urn:pulumi:prod::acgs-db::t:T::${name}`,
    protect,
  });
  const resources = [resource("a"), resource("postgres-1-data", true), resource("b", false)];
  expect(protectedNames(JSON.stringify({ deployment: { resources } }))).toEqual(["postgres-1-data"]);
  expect(protectedNames(JSON.stringify({ version: 3, deployment: {} }))).toEqual([]);
});

it("tells how the data is named that a destroy may delete, in the order of its numbers", () => {
  const names = [
    "login-passwords",
    "redis-10-data",
    "redis-2-data",
    "database",
    "role-acgs_owner",
    "schema-dgm",
  ];
  const text = protectedMessage("prod", names);
  expect(text).toContain('acgs-db:allowDataLoss: ["database","redis-2-data","redis-10-data"]');
  expect(text).toContain("(database, redis-2-data, redis-10-data and others): nothing was destroyed");
  expect(protectedMessage("prod", ["login-passwords"])).toContain(
    "set `protect: false` under acgs-db:dataVolumes",
  );
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { protectedMessage, refuseIfProtected } from "../../../cli/protection.ts";
import { protectedNames } from "../../../lib/pulumi/deployment.ts";

it("names what is protected, from a stack's export", () => {
  const resource = (name: string, protect?: boolean) => ({
    urn: `urn:pulumi:prod::acgs-db::t:T::${name}`,
    type: "t:T",
    ...(protect !== undefined && { protect }),
  });
  const resources = [resource("a"), resource("postgres-1-data", true), resource("b", false)];
  expect(protectedNames({ resources })).toEqual(["postgres-1-data"]);
  expect(protectedNames({})).toEqual([]);
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
  expect(text).toContain("(database, redis-2-data, redis-10-data): nothing was destroyed");
  const more = [1, 2, 3, 4, 5, 6].map((n) => `etcd-${n}-data`);
  expect(protectedMessage("prod", more)).toContain("etcd-4-data, etcd-5-data and others): nothing");
  expect(protectedMessage("prod", ["login-passwords"])).toContain(
    "set `protect: false` under acgs-db:dataVolumes",
  );
});

describe("before a destroy", () => {
  const directory = mkdtempSync(join(tmpdir(), "acgs-db-protection-"));
  const checkpoint = join(directory, "prod.json");
  const local = { backend: "", checkpoint, locks: "", unfinished: "" };
  const context = { stack: "prod", env: process.env, exists: true, finish: () => undefined };
  const destroy = (command = "false") => refuseIfProtected({ command, env: {} }, { ...context, local });
  const holds = (resources: object[]) =>
    writeFileSync(checkpoint, JSON.stringify({ checkpoint: { latest: { resources } } }));

  afterAll(() => rmSync(directory, { recursive: true }));

  it("lets a stack go that holds nothing protected, or was never brought up", async () => {
    await destroy();
    holds([{ urn: "urn:pulumi:prod::acgs-db::t:T::a", type: "t:T" }]);
    await destroy();
  });

  it("refuses one that does", async () => {
    holds([{ urn: "urn:pulumi:prod::acgs-db::t:T::postgres-1-data", type: "t:T", protect: true }]);
    await expect(destroy()).rejects.toThrow("holds protected data (postgres-1-data)");
  });

  it("refuses where the state cannot be read, and shows nothing of it", async () => {
    writeFileSync(checkpoint, '{"checkpoint": {"latest": {"secret": "hunter2"');
    await expect(destroy()).rejects.toThrow(
      `The state of stack prod cannot be read.\n${checkpoint}: it is damaged`,
    );
    await expect(refuseIfProtected({ command: "false", env: {} }, context)).rejects.toThrow(
      "The state of stack prod cannot be read.",
    );
  });
});

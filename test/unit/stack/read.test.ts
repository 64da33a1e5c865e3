import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { loadConfiguration, readConfiguration } from "../../../components/stack/read.ts";
import { recordRegistrations } from "../../support/mocks.ts";

beforeAll(async () => {
  await recordRegistrations().ready;
});

/** Hands the program a configuration as the engine does: mappings as JSON, all else as text. */
function given(config: Record<string, string>, secretKeys: string[] = []): void {
  pulumi.runtime.setAllConfig(config, secretKeys);
}

describe("readConfiguration", () => {
  it("takes all keys of the project, and no other's", () => {
    given({
      "acgs-db:postgres": '{"members":3}',
      "acgs-db:prefix": "mine",
      "docker:host": "x",
      "acgs-dbx:a": "b",
    });
    expect(readConfiguration()).toEqual({
      raw: { postgres: { members: 3 }, prefix: "mine" },
      secrets: new Set(),
    });
  });

  it("keeps text that is not JSON, for the fault that shows it", () => {
    given({ "acgs-db:postgres": "{oops", "acgs-db:prefix": "12" });
    expect(readConfiguration().raw).toEqual({ postgres: "{oops", prefix: "12" });
  });

  it("knows which keys are secret", () => {
    given({ "acgs-db:redis": "{}", "acgs-db:etcd": "{}" }, ["acgs-db:redis"]);
    expect(readConfiguration().secrets).toEqual(new Set(["redis"]));
  });
});

describe("loadConfiguration", () => {
  it("gives the passwords as a secret, apart from the configuration", async () => {
    given({ "acgs-db:passwords": '{"auth_service":"correct-horse-battery"}' }, ["acgs-db:passwords"]);
    const { configuration, passwords } = loadConfiguration();
    expect(await pulumi.isSecret(passwords)).toBe(true);
    expect(configuration.ownPasswords).toEqual(["auth_service"]);
    expect(configuration.prefix).toBe("acgs-unit");
    expect(JSON.stringify(configuration)).not.toContain("correct-horse");
  });

  it("has a secret also where there is no password", async () => {
    given({});
    expect(await pulumi.isSecret(loadConfiguration().passwords)).toBe(true);
  });

  it("throws with every fault, among them keys that the program does not know", () => {
    given({ "acgs-db:postgress": "{}", "acgs-db:etcd": '{"members":4}' });
    // RunError is what Pulumi prints without a stack trace.
    expect(() => loadConfiguration()).toThrow(pulumi.RunError);
    expect(() => loadConfiguration()).toThrow(/acgs-db:etcd.members[^]*did you mean `postgres`\?/);
  });
});

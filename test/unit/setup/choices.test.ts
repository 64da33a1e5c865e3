import { describe, expect, test } from "vitest";
import { chooseBackend } from "../../../lib/pulumi/backend.ts";
import { parsePreference, sourcesOf } from "../../../setup/pulumi/choose.ts";
import { isAtLeast, parseVersion } from "../../../setup/version.ts";

describe("versions", () => {
  test.each([
    ["v3.259.0", "3.259.0", true],
    ["v3.258.9", "3.259.0", false],
    ["3.1000.0\n", "3.259.0", true],
    ["v4.0.0-alpha.1", "3.259.0", true],
    ["pulumi: command not found", "3.259.0", false],
  ])("%j is at least %s: %s", (text, minimum, expected) => {
    expect(isAtLeast(text, minimum)).toBe(expected);
  });

  test("are found inside a text", () => {
    expect(parseVersion("warning: v3.260.1 (built today)")).toEqual([3, 260, 1]);
  });
});

describe("sources of Pulumi", () => {
  const machine = { preference: "auto", versionOnPath: undefined, hostUnreachable: false } as const;

  test("PATH first, then the official download, then the toolchain", () => {
    expect(sourcesOf({ ...machine, versionOnPath: "v3.265.0" })).toEqual(["path", "official", "toolchain"]);
  });

  test("a CLI that is too old is passed over", () => {
    expect(sourcesOf({ ...machine, versionOnPath: "v3.100.0" })).toEqual(["official", "toolchain"]);
  });

  test("a download host that was out of reach is not tried", () => {
    expect(sourcesOf({ ...machine, hostUnreachable: true })).toEqual(["toolchain"]);
    expect(sourcesOf({ ...machine, versionOnPath: "v3.265.0", hostUnreachable: true })).toEqual([
      "path",
      "toolchain",
    ]);
  });

  test("an operator's word decides", () => {
    expect(sourcesOf({ ...machine, preference: "local", versionOnPath: "v3.265.0" })).toEqual(["toolchain"]);
    expect(sourcesOf({ ...machine, preference: "official" })).toEqual(["official"]);
    expect(parsePreference("")).toBe("auto");
    expect(() => parsePreference("offical")).toThrow(
      'ACGS_DB_TOOLCHAIN is "offical"; allowed are "official" and "local", or leave it unset.',
    );
  });
});

describe("backend", () => {
  const clues = { env: {}, project: "name: acgs-db\nruntime: nodejs\n", credentials: undefined };
  const login = { text: '{"current": "https://example.test"}', directory: "/home/operator/.pulumi" };

  test("is this checkout's folder where the operator has none", () => {
    expect(chooseBackend(clues)).toEqual({ kind: "local" });
    expect(chooseBackend({ ...clues, credentials: { ...login, text: '{"accounts": {}}' } })).toEqual({
      kind: "local",
    });
  });

  test("is not guessed where the operator's choice cannot be read", () => {
    expect(() => chooseBackend({ ...clues, credentials: { ...login, text: "not JSON" } })).toThrow(
      "/home/operator/.pulumi/credentials.json is no JSON. Log in again",
    );
  });

  test("is the operator's, wherever it is set", () => {
    expect(
      chooseBackend({ ...clues, env: { PULUMI_BACKEND_URL: "s3://state" }, credentials: login }),
    ).toMatchObject({ from: "PULUMI_BACKEND_URL" });
    expect(
      chooseBackend({ ...clues, project: "name: acgs-db\nbackend:\n  url: s3://state\n" }),
    ).toMatchObject({ from: "Pulumi.yaml" });
    expect(chooseBackend({ ...clues, credentials: login })).toEqual({
      kind: "operator",
      from: "pulumi login",
      credentials: login.directory,
    });
    expect(chooseBackend({ ...clues, env: { PULUMI_ACCESS_TOKEN: "x" } })).toMatchObject({
      from: "PULUMI_ACCESS_TOKEN",
    });
  });
});

import { describe, expect, test } from "vitest";
import { isInstalled } from "../../../setup/nodeModules.ts";
import { carriedBack, editsConfiguration, hasSecretsProvider } from "../../../lib/pulumi/stackConfig.ts";

describe("isInstalled", () => {
  const wanted = {
    "": { version: "1.0.0" },
    "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
    "node_modules/for-another-platform": { version: "1.0.0", integrity: "sha512-b", optional: true },
  };
  const a = { "node_modules/a": { version: "1.0.0", integrity: "sha512-a" } };

  test("optional packages may be missing, others not", () => {
    expect(isInstalled(wanted, a)).toBe(true);
    expect(isInstalled(wanted, {})).toBe(false);
  });

  test("another content of the same version is not it, nor is a package too many", () => {
    expect(isInstalled(wanted, { "node_modules/a": { version: "1.0.0", integrity: "sha512-x" } })).toBe(
      false,
    );
    expect(isInstalled(wanted, { ...a, "node_modules/b": { version: "1.0.0" } })).toBe(false);
  });
});

describe("a stack's configuration", () => {
  const tracked = "# why\nconfig:\n  acgs-db:prefix: acgs-dev\n";
  const salt = "encryptionsalt: v1:abc:v1:def\n";

  test("has a secrets provider of its own when it names one at its top level", () => {
    expect(hasSecretsProvider(tracked)).toBe(false);
    expect(hasSecretsProvider(tracked + salt)).toBe(true);
    expect(hasSecretsProvider("secretsprovider: awskms://alias/acgs\n")).toBe(true);
    expect(hasSecretsProvider("config:\n  acgs-db:encryptionsalt: no\n")).toBe(false);
  });

  test("the salt alone is not carried back", () => {
    expect(carriedBack(tracked, tracked + salt)).toBeUndefined();
  });

  test("a new setting is, without the salt", () => {
    const edited = tracked.replace("acgs-dev", "acgs-mine");
    expect(carriedBack(tracked, edited + salt)).toBe(edited);
  });

  test("a secret is carried back with the salt that opens it", () => {
    const edited = `${tracked}  acgs-db:passwords:\n    auth_service:\n      secure: v1:xyz\n${salt}`;
    expect(carriedBack(tracked, edited)).toBe(edited);
  });

  test("is edited by config and by --config", () => {
    expect(editsConfiguration(["config", "set", "acgs-db:prefix", "x"])).toBe(true);
    expect(editsConfiguration(["up", "--config=acgs-db:prefix=x"])).toBe(true);
    expect(editsConfiguration(["up", "--yes"])).toBe(false);
    expect(editsConfiguration(["--stack", "prod", "config", "set", "a", "1"])).toBe(true);
    expect(editsConfiguration(["-s", "config", "up"])).toBe(false);
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { KEYS_FILE, keysFile } from "../../../components/security/configurationKeyFiles.provider.ts";
import { nextKeys, refusals } from "../../../components/security/configurationKeys.provider.ts";

describe("nextKeys", () => {
  it("generates 256 bits, other ones each time", () => {
    const keys = Array.from({ length: 50 }, () => nextKeys(1, {})[1]!);
    expect(keys.every((key) => /^[0-9a-f]{64}$/.test(key))).toBe(true);
    expect(new Set(keys).size).toBe(50);
  });

  it("keeps every key that was ever used, and makes one where the version is new", () => {
    const first = nextKeys(1, {});
    const fourth = nextKeys(4, first);
    expect(Object.keys(fourth)).toEqual(["1", "4"]);
    expect(fourth[1]).toBe(first[1]);
    expect(nextKeys(4, fourth)).toEqual(fourth);
  });
});

describe("a version", () => {
  it("goes on or stays", () => {
    expect(refusals({}, { version: 3 })).toEqual([]);
    expect(refusals({ version: 3 }, { version: 3 })).toEqual([]);
    expect(refusals({ version: 3 }, { version: 9 })).toEqual([]);
  });

  it("never goes back", () => {
    expect(refusals({ version: 3 }, { version: 2 })).toEqual([
      {
        property: "version",
        reason:
          "acgs-db:secrets.configurationKey is 3 in the running stack and cannot go back to 2. " +
          "Set it to 3, or to 4 for a new key.",
      },
    ]);
  });
});

describe("the file", () => {
  it("names the key for new values, which must be there", () => {
    expect(JSON.parse(keysFile(2, { 1: "a", 2: "b" }))).toEqual({ active: 2, keys: { 1: "a", 2: "b" } });
    expect(() => keysFile(3, { 1: "a", 2: "b" })).toThrow("no key of version 3");
  });

  it("lies where the SQL reads it, in the data volume and outside of the data directory", () => {
    expect(readFileSync("sql/platform/R__vault.sql", "utf8")).toContain(`pg_read_file('${KEYS_FILE}',`);
    expect(KEYS_FILE).toMatch(/^\/var\/lib\/postgresql\/data\/(?!pgdata\/)/);
  });
});

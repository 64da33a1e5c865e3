import { describe, expect, test } from "vitest";
import { parseSwitchoverArguments } from "../../../cli/switchover.ts";

describe("npm run switchover", () => {
  test("takes a stack and a member, both or neither", () => {
    expect(parseSwitchoverArguments([])).toEqual({ stack: "dev" });
    expect(parseSwitchoverArguments(["prod", "--to", "postgres-2"])).toEqual({
      stack: "prod",
      to: "postgres-2",
    });
    expect(parseSwitchoverArguments(["--to=postgres-3"])).toEqual({ stack: "dev", to: "postgres-3" });
  });

  test("refuses what it does not know, and a member without a name", () => {
    expect(() => parseSwitchoverArguments(["--force"])).toThrow("switchover does not take --force");
    expect(() => parseSwitchoverArguments(["--to"])).toThrow("--to needs the name of a member");
    expect(() => parseSwitchoverArguments(["--to", "--yes"])).toThrow("--to needs the name of a member");
  });
});

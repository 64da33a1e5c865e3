import { describe, expect, test } from "vitest";
import { switchover } from "../../../cli/switchover.ts";

describe("acgs switchover", () => {
  test("takes a stack and a member, both or neither", () => {
    expect(switchover.parse([])).toEqual({ stack: "dev" });
    expect(switchover.parse(["prod", "--to", "postgres-2"])).toEqual({
      stack: "prod",
      to: "postgres-2",
    });
    expect(switchover.parse(["--to=postgres-3"])).toEqual({ stack: "dev", to: "postgres-3" });
  });

  test("refuses what it does not know, and a member without a name", () => {
    expect(() => switchover.parse(["--force"])).toThrow("switchover does not take --force");
    expect(() => switchover.parse(["--to"])).toThrow("--to needs a value: --to <member>.");
    expect(() => switchover.parse(["--to", "--yes"])).toThrow("--to needs a value: --to <member>.");
  });
});

import { describe, expect, test } from "vitest";
import { up } from "../../../cli/up.ts";

describe("a command that passes flags to Pulumi", () => {
  test.each<[string[], string, string[]]>([
    [[], "dev", []],
    [["prod"], "prod", []],
    [["prod", "--yes"], "prod", ["--yes"]],
    [["--yes", "prod"], "prod", ["--yes"]],
    [["-s", "prod", "--diff"], "prod", ["--diff"]],
    [["--stack=acme/acgs-db/prod"], "acme/acgs-db/prod", []],
    [
      ["--target", "urn:pulumi:dev::acgs-db::docker:index/container:Container::postgres-1"],
      "dev",
      ["--target", "urn:pulumi:dev::acgs-db::docker:index/container:Container::postgres-1"],
    ],
    [["--message", "prod", "dev"], "dev", ["--message", "prod"]],
    [["--message=prod"], "dev", ["--message=prod"]],
  ])("%j", (args, stack, flags) => {
    expect(up.parse(args)).toEqual({ stack, flags });
  });

  test("refuses two stacks: acting on the wrong one is worse than not acting", () => {
    expect(() => up.parse(["dev", "-s", "prod"])).toThrow(
      'One stack at a time: "dev" and "prod" were named.',
    );
  });

  test("refuses what is no name of a stack", () => {
    expect(() => up.parse(["urn:pulumi:dev"])).toThrow(
      '"urn:pulumi:dev" is not the name of a stack.\nWrite: ./acgs up [stack] [-s, --stack <name>] [flags of pulumi up]',
    );
    expect(() => up.parse(["--stack"])).toThrow("--stack needs a value: --stack <name>.");
  });
});

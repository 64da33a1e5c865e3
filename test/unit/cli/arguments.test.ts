import { describe, expect, test } from "vitest";
import { namedStack, parseStackArguments } from "../../../cli/arguments.ts";
import { shortName } from "../../../lib/pulumi/arguments.ts";

describe("parseStackArguments", () => {
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
    expect(parseStackArguments(args)).toEqual({ stack, flags });
  });

  test("refuses two stacks: acting on the wrong one is worse than not acting", () => {
    expect(() => parseStackArguments(["dev", "-s", "prod"])).toThrow(
      'One stack at a time: "dev" and "prod" were named.',
    );
  });

  test("refuses what is no name of a stack", () => {
    expect(() => parseStackArguments(["urn:pulumi:dev"])).toThrow(
      '"urn:pulumi:dev" is not the name of a stack. Write: npm run <command> -- [stack] [Pulumi\'s flags]',
    );
    expect(() => parseStackArguments(["--stack"])).toThrow("--stack needs the name of a stack.");
  });
});

test("namedStack finds the stack among Pulumi's own arguments", () => {
  expect(namedStack(["config", "-s", "prod"])).toBe("prod");
  expect(namedStack(["up", "--stack=prod"])).toBe("prod");
  expect(namedStack(["stack", "ls"])).toBeUndefined();
});

test("shortName is what names the configuration file", () => {
  expect(shortName("acme/acgs-db/prod")).toBe("prod");
  expect(shortName("dev")).toBe("dev");
});

import { expect, test } from "vitest";
import { commandOf, namedStack, shortName } from "../../../lib/pulumi/arguments.ts";

test("namedStack finds the stack among Pulumi's own arguments", () => {
  expect(namedStack(["config", "-s", "prod"])).toBe("prod");
  expect(namedStack(["up", "--stack=prod"])).toBe("prod");
  expect(namedStack(["stack", "ls"])).toBeUndefined();
});

test("commandOf passes over flags and their values", () => {
  expect(commandOf(["--cwd", "up", "-s", "prod", "config", "set"])).toBe("config");
  expect(commandOf(["--version"])).toBeUndefined();
});

test("shortName is what names the configuration file", () => {
  expect(shortName("acme/acgs-db/prod")).toBe("prod");
  expect(shortName("dev")).toBe("dev");
});

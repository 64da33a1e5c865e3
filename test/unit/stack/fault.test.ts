import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  ConfigurationError,
  configRemove,
  configSet,
  keyOf,
  shown,
} from "../../../components/stack/configIssue.ts";
import { hostileText } from "../../support/hostile.ts";

describe("keyOf", () => {
  it("writes a path as Pulumi's --path takes it", () => {
    expect(keyOf(["postgres", "members"])).toBe("acgs-db:postgres.members");
    expect(keyOf(["hosts", 0, "docker"])).toBe("acgs-db:hosts[0].docker");
    expect(keyOf(["postgres", "parameters", "auto_explain.log_analyze"])).toBe(
      'acgs-db:postgres.parameters["auto_explain.log_analyze"]',
    );
  });
});

describe("configSet", () => {
  it("quotes for the shell what needs it", () => {
    expect(configSet(["postgres", "members"], 3)).toBe("pulumi config set --path acgs-db:postgres.members 3");
    expect(configSet(["hosts", 0, "name"], "it's")).toBe(
      "pulumi config set --path 'acgs-db:hosts[0].name' 'it'\\''s'",
    );
  });

  it("keeps text that looks like a number or a boolean text", () => {
    expect(configSet(["postgres", "parameters", "jit"], "true")).toBe(
      "pulumi config set --path --type string acgs-db:postgres.parameters.jit true",
    );
    expect(configSet(["postgres", "parameters", "work_mem"], "8MB")).toBe(
      "pulumi config set --path acgs-db:postgres.parameters.work_mem 8MB",
    );
  });

  it("keeps a negative number from being taken for a flag", () => {
    expect(configSet(["postgres", "parameters", "log_min_duration_statement"], -1)).toBe(
      "pulumi config set --path -- acgs-db:postgres.parameters.log_min_duration_statement -1",
    );
  });

  it("writes a mapping as YAML, under its parents", () => {
    expect(configSet(["pgbouncer", "reader"], { size: 3 })).toBe(
      'in the stack\'s file:\nacgs-db:pgbouncer:\n  reader: {"size":3}',
    );
  });
});

describe("a command", () => {
  const names = fc.oneof(hostileText, fc.stringMatching(/^\w{1,8}$/));

  it("is read back by a shell as it was meant, or is YAML that says the same", () => {
    const sets: { path: string[]; value: string; command: string }[] = [];
    fc.assert(
      fc.property(names, hostileText, (name, value) => {
        const path = ["postgres", "parameters", name];
        const command = configSet(path, value);
        if (command.startsWith("in the stack's file:\n")) {
          expect(value).toMatch(/[\p{Cc}\p{Surrogate}]/u);
          expect(command).not.toMatch(/(?!\n)\p{Cc}/u);
          if (!/\p{Surrogate}/u.test(name + value))
            expect(parse(command.slice(command.indexOf("\n")))).toEqual({
              "acgs-db:postgres": { parameters: { [name]: value } },
            });
        } else sets.push({ path, value, command });
      }),
      { numRuns: 400 },
    );
    expect(sets.length).toBeGreaterThan(100);
    // A name with half a character is shown by its escape.
    const script = sets.map(({ command }) => `${command}\n`).join("");
    const define = `pulumi() { printf '%s\\0' "$@"; printf '\\n\\0'; }\n`;
    const { status, stdout } = spawnSync("bash", { input: define + script, encoding: "utf8" });
    expect(status).toBe(0);
    const words = stdout.split("\n\0").map((line) => line.split("\0").slice(0, -1));
    expect(words.slice(0, -1).map((line) => line.slice(-2))).toEqual(
      sets.map(({ path, value }) => [keyOf(path), value]),
    );
  });
});

it("removes a key by its path", () => {
  expect(configRemove(["hosts", 1])).toBe("pulumi config rm --path 'acgs-db:hosts[1]'");
});

it("shows values so that text and numbers differ, and long ones shortened", () => {
  expect([undefined, null, "3", 3, { a: [1] }].map(shown)).toEqual([
    "nothing",
    "null",
    '"3"',
    "3",
    '{"a":[1]}',
  ]);
  expect(shown("x".repeat(500))).toHaveLength(200);
});

it("lists every fault with key, value, allowed and remedy", () => {
  const error = new ConfigurationError("dev", [
    { key: "acgs-db:a", value: "1", allowed: "2,\nor 3", remedy: "pulumi config set --path acgs-db:a 2" },
    { key: "acgs-db:b", value: "nothing", allowed: "something", remedy: "write it" },
  ]);
  expect(error.faults).toHaveLength(2);
  expect(error.stackName).toBe("dev");
  expect(error.message).toBe(
    `The configuration of stack dev has 2 faults; nothing was created or changed.

  acgs-db:a
    got:     1
    allowed: 2,
             or 3
    remedy:  pulumi config set --path acgs-db:a 2

  acgs-db:b
    got:     nothing
    allowed: something
    remedy:  write it

Add \`--stack dev\` to the commands, or edit Pulumi.dev.yaml.
Where Pulumi is not on PATH, write \`npm run pulumi --\` in its place.`,
  );
});

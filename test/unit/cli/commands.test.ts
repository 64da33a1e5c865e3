import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CommanderError } from "commander";
import { afterEach, describe, expect, it, vi } from "vitest";
import { COMMANDS, runCommand } from "../../../cli/commands.ts";
import { UserError } from "../../../lib/errors.ts";

const root = resolve(import.meta.dirname, "../../..");
/** Everything that a command writes to stdout. */
async function printed(...args: string[]): Promise<{ status: number; text: string }> {
  let text = "";
  const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const status = await runCommand(args).finally(() => write.mockRestore());
  return { status, text };
}

afterEach(() => vi.restoreAllMocks());

const failure = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

const READ_BY_PULUMI_OR_OTHERS = ["preview", "up", "destroy", "outputs", "pulumi", "test", "bench"];
const ON_A_STACK = [
  "preview",
  "up",
  "destroy",
  "outputs",
  "connect",
  "report",
  "drift",
  "audit",
  "switchover",
  "restart",
];

describe("every command", () => {
  it.each(COMMANDS.map(({ name }) => name))("%s shows its help with a usage and an example", async (name) => {
    const { status, text } = await printed("help", name);
    expect(status).toBe(0);
    expect(text).toMatch(new RegExp(`^Usage: ./acgs ${name}\\b.*\n\n[A-Z][^]*?\\.`));
    expect(text).toContain(`Example:\n  ./acgs ${name}`);
    if (name !== "pulumi") expect(await printed(name, "--help")).toEqual({ status, text });
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    "%s refuses a flag that it does not know, and says how it is written",
    (name, command) => {
      const error = failure(() =>
        command.parse([...(name === "seed-data" ? ["--rows", "1"] : []), "--no-such-flag"]),
      );
      if (READ_BY_PULUMI_OR_OTHERS.includes(name)) return expect(error).toBeUndefined();
      expect(error).toBeInstanceOf(UserError);
      expect((error as Error).message).toContain(`${name} does not take --no-such-flag.`);
      expect((error as Error).message).toContain(`\nWrite: ./acgs ${name}`);
      return expect(error).not.toBeInstanceOf(CommanderError);
    },
  );

  it.each(COMMANDS.filter(({ name }) => ON_A_STACK.includes(name)).map((command) => [command.name, command]))(
    "%s takes the stack as its first word or as --stack, and dev without either",
    (_, command) => {
      const stackOf = (...args: string[]) => (command.parse(args) as { stack: string }).stack;
      expect([stackOf(), stackOf("prod"), stackOf("--stack", "prod"), stackOf("-s", "prod")]).toEqual([
        ...["dev", "prod", "prod", "prod"],
      ]);
      expect(() => command.parse(["dev", "-s", "prod"])).toThrow('"dev" and "prod" were named.');
      expect(() => command.parse(["--stack="])).toThrow("--stack needs a value");
    },
  );

  it.each(
    COMMANDS.filter(({ name }) => ["report", "drift", "audit"].includes(name)).map((one) => [one.name, one]),
  )("%s takes the word after --json for a file only if it ends in .json or is -", (_, command) => {
    expect(command.parse(["--json", "out.json"])).toEqual({ stack: "dev", json: "out.json" });
    expect(command.parse(["--json", "prod"])).toEqual({ stack: "prod", json: "-" });
    expect(command.parse(["--json", "-", "prod"])).toEqual({ stack: "prod", json: "-" });
    expect(command.parse(["--json=/tmp/out"])).toEqual({ stack: "dev", json: "/tmp/out" });
    expect(command.parse(["--json"])).toEqual({ stack: "dev", json: "-" });
  });

  it("has an npm script of its name", async () => {
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const expected = Object.fromEntries(COMMANDS.map(({ name }) => [name, `node cli/run.mjs ${name}`]));
    expect(scripts).toEqual(expected);
  });
});

describe("acgs", () => {
  it("lists all commands", async () => {
    const { status, text } = await printed("--help");
    expect(status).toBe(0);
    for (const { name } of COMMANDS) expect(text).toMatch(new RegExp(`^ {2}${name} `, "m"));
  });

  it("fails without a command, and names the one that was meant", async () => {
    expect((await printed()).status).toBe(1);
    await expect(runCommand(["nothing-like-it"])).rejects.toThrow(
      /^There is no command "nothing-like-it"; there are preview, up, .*docs:schema/,
    );
    await expect(runCommand(["reprot"])).rejects.toThrow("Did you mean report?");
  });

  it("passes everything on to Pulumi", () => {
    const pulumi = COMMANDS.find(({ name }) => name === "pulumi")!;
    const args = ["config", "set", "x", "--stack", "prod", "--", "-5", "--help"];
    expect(pulumi.parse(args)).toEqual({ args });
  });
});

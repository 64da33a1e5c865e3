import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readOptions, splitWords } from "../../setup/toolchain/language-host/options.ts";
import { listProcesses } from "../../operations/recovery/strayProcesses.ts";
import { requiredPlugins } from "../../setup/toolchain/language-host/packages.ts";
import { Project } from "./project.ts";

describe("the language host's runtime options", () => {
  it("have the official host's defaults", () => {
    expect(readOptions({})).toEqual({ typescript: true, nodeArgs: [], tsconfig: undefined });
  });

  it("split nodeargs as a shell would", () => {
    expect(splitWords(`--a  --b="two words" '--c=d "e"' f\\ g ""`)).toEqual([
      "--a",
      "--b=two words",
      '--c=d "e"',
      "f g",
      "",
    ]);
    expect(() => splitWords("--title='open")).toThrow("leaves a ' open");
  });

  it("name the option that has the wrong type", () => {
    expect(() => readOptions({ typescript: "no" })).toThrow(
      '"typescript" in Pulumi.yaml is "no"; it must be true or false',
    );
  });
});

describe("the plugins that a program needs", () => {
  let directory: string;
  beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), "acgs-toolchain-test-"))));
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const install = async (name: string, manifest: object): Promise<void> => {
    const folder = join(directory, "node_modules", name);
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, "package.json"),
      JSON.stringify({ name: name.replace(/.*node_modules\//, ""), ...manifest }),
    );
  };

  it("are those of installed packages, also of what they bring along, each once", async () => {
    await install("@pulumi/docker", {
      version: "5.2.0",
      pulumi: { resource: true, name: "docker", version: "5.2.0" },
    });
    await install("plain", { version: "1.0.0" });
    await install("plain/node_modules/@pulumi/random", { version: "4.1.0", pulumi: { resource: true } });
    await install("other/node_modules/@pulumi/random", { version: "4.1.0", pulumi: { resource: true } });
    await install("other", { version: "2.0.0" });
    expect(
      requiredPlugins(directory)
        .map(({ name, version }) => `${name} ${version}`)
        .sort(),
    ).toEqual(["docker v5.2.0", "random v4.1.0"]);
  });
});

describe("a program under the language host", { timeout: 60_000 }, () => {
  let project: Project;
  beforeAll(async () => (project = await Project.create()));
  afterAll(() => project.remove());

  it("runs as TypeScript, with configuration, and without a warning", async () => {
    await project.pulumi("config", "set", "greeting", "hello", "--stack", "test");
    await project.pulumi("config", "set", "--secret", "word", "sesame", "--stack", "test");
    await project.program(`
      import * as pulumi from "@pulumi/pulumi";
      const config: pulumi.Config = new pulumi.Config();
      export const greeting: string = config.require("greeting") + " " + pulumi.getProject();
      export const word = config.requireSecret("word");`);
    const { succeeded, output } = await project.up();
    expect(succeeded).toBe(true);
    expect(output).toMatch(/greeting: "hello test"\s+word\s*: \[secret\]/);
    expect(output).not.toMatch(/warning/i);
  });

  it("runs dynamic resources, whose outputs come back", async () => {
    await project.program(`
      import * as pulumi from "@pulumi/pulumi";
      const provider = { create: async (inputs) => ({ id: "made", outs: { size: inputs.name.length } }) };
      class Thing extends pulumi.dynamic.Resource {
        declare readonly size: pulumi.Output<number>;
        constructor(name: string) { super(provider, name, { name, size: undefined }); }
      }
      export const size = new Thing("four").size;`);
    const { succeeded, output } = await project.up();
    expect(output).toMatch(/size\s*: 4/);
    expect(succeeded).toBe(true);
  });

  it("fails with what the program threw, and with what it printed", async () => {
    await project.program(`
      import * as pulumi from "@pulumi/pulumi";
      console.error("before the end");
      // Node prints a stack trace with source maps of the SDK only after half a minute (nodejs: util.inspect).
      Error.prepareStackTrace = undefined;
      throw new pulumi.RunError("no such luck");`);
    const { succeeded, output } = await project.up();
    expect(succeeded).toBe(false);
    expect(output).toContain("before the end");
    expect(output).toContain("no such luck");
  });

  it("is held against a policy pack, which ends with it", async () => {
    await project.file(
      "policy/PulumiPolicy.yaml",
      "runtime:\n  name: nodejs\n  options: {typescript: false}\n",
    );
    await project.file("policy/index.js", 'import "./pack.ts";\n');
    await project.file(
      "policy/pack.ts",
      `import { PolicyPack, type ResourceValidationArgs } from "@pulumi/policy";
       const validateResource = ({ name }: ResourceValidationArgs, report: (message: string) => void) => {
         if (name === "four") report("four is one too many");
       };
       const rule = { name: "not-four", description: "There is no four.", enforcementLevel: "mandatory" as const };
       new PolicyPack("trial", { policies: [{ ...rule, validateResource }] });`,
    );
    const thing = (name: string) => `
      import * as pulumi from "@pulumi/pulumi";
      const provider = { create: async () => ({ id: "made", outs: {} }) };
      class Thing extends pulumi.dynamic.Resource {
        constructor(name: string) { super(provider, name, {}); }
      }
      new Thing("${name}");`;
    const preview = () => project.pulumi("preview", "--policy-pack", "policy", "--stack", "test");
    await project.program(thing("four"));
    const refused = await preview();
    expect(refused.output).toContain("four is one too many");
    expect(refused.succeeded).toBe(false);

    await project.program(thing("three"));
    const passed = await preview();
    expect(passed.output).toContain("trial@v0.0.1");
    expect(passed.succeeded).toBe(true);
    expect(
      listProcesses().filter(({ command }) => command.includes(join(project.directory, "policy"))),
    ).toEqual([]);
  });
});

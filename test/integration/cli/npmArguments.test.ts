import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// The npm of this machine, in a project of its own whose scripts say what they are told.

const root = resolve(import.meta.dirname, "../../..");
let project: string;
let probe: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "acgs-npm-"));
  probe = join(project, "probe.mjs");
  await mkdir(join(project, "node_modules", ".bin"), { recursive: true });
  const check = `#!${process.execPath}
    import { checkNpm } from ${JSON.stringify(join(root, "cli", "npmArguments.ts"))};
    const arrived = process.argv.slice(2);
    let told;
    try { told = { npm: checkNpm(process.ppid, arrived), arrived }; } catch (error) { told = { refused: error.message }; }
    console.log("told " + JSON.stringify(told));
  `;
  for (const file of [probe, join(project, "node_modules", ".bin", "acgs")]) {
    await writeFile(file, check);
    await chmod(file, 0o755);
  }
  const names = ["up", "switchover", "report", "drill", "seed-data", "test"];
  const scripts = {
    ...Object.fromEntries(names.map((name) => [name, `node probe.mjs ${name}`])),
    "report:ci": "node probe.mjs report prod --fail-on critical",
    nested: `node -e 'require("child_process").spawnSync("node", ["probe.mjs", "up"], { stdio: "inherit" })' --`,
  };
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module", scripts }));
});
afterAll(() => rm(project, { recursive: true, force: true }));

interface Told {
  /** Whether npm was found to have started the probe. */
  npm?: boolean;
  arrived?: string[];
  refused?: string;
}

/** What the probe was told when this program was called. @param settings  further environment */
async function tell(command: string, args: string[], settings: Record<string, string> = {}): Promise<Told> {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$/i.test(name));
  const env = {
    ...Object.fromEntries(own),
    npm_config_cache: join(project, "cache"),
    npm_config_update_notifier: "false",
    ...settings,
  };
  const { stdout } = await promisify(execFile)(command, args, { cwd: project, env });
  return JSON.parse(/^told (.*)$/m.exec(stdout)![1]!) as Told;
}

const KEPT: [string[], string, string][] = [
  [
    ["run", "switchover", "prod", "--to", "postgres-2"],
    "--to=postgres-2",
    "npm run switchover -- prod --to=postgres-2",
  ],
  [["run", "report", "--fail-on=critical"], "--fail-on=critical", "npm run report -- --fail-on=critical"],
  [
    ["run", "drill", "leader-killed", "--rounds=5"],
    "--rounds=5",
    "npm run drill -- leader-killed --rounds=5",
  ],
  [["run", "drill", "none", "--no-preview"], "--no-preview", "npm run drill -- none --no-preview"],
  [["run", "seed-data", "--rows", "5"], "--rows", "npm run seed-data -- --rows 5"],
  [["run", "up", "prod", "--yes"], "--yes", "npm run up -- prod --yes"],
  [["run", "up", "prod", "-y"], "--yes", "npm run up -- prod --yes"],
  [["run", "up", "--stack", "prod"], "--stack", "npm run up -- --stack prod"],
  [["run", "up", "--stack=prod"], "--stack=prod", "npm run up -- --stack=prod"],
  [["run", "up", "--prod"], "--prod", "npm run up -- --prod"],
  [["run", "up", "-sprod"], "-sprod", "npm run up -- -sprod"],
  [["run", "report", "--json=false"], "--json=false", "npm run report -- --json=false"],
  [["run", "up", "--yes", "--", "prod"], "--yes", "npm run up -- --yes prod"],
  [["test", "unit", "--bail"], "--bail", "npm run test -- unit --bail"],
  [
    ["exec", "acgs", "report", "--fail-on=critical"],
    "--fail-on=critical",
    "npx acgs report --fail-on=critical",
  ],
];

const ARRIVED: [string[], string[]][] = [
  [["run", "up"], ["up"]],
  [
    ["run", "up", "prod"],
    ["up", "prod"],
  ],
  [
    ["run", "switchover", "--", "prod", "--to", "postgres-2"],
    ["switchover", "prod", "--to", "postgres-2"],
  ],
  [
    ["run", "report", "prod", "--", "--json=x y", "--"],
    ["report", "prod", "--json=x y", "--"],
  ],
  [
    ["run", "--silent", "up", "--", "prod", "--yes"],
    ["up", "prod", "--yes"],
  ],
  [["--loglevel", "error", "run", "up"], ["up"]],
  [
    ["run", "up", "-s", "prod"],
    ["up", "prod"],
  ],
  [["test"], ["test"]],
  [["test", "--silent"], ["test"]],
  [
    ["t", "unit"],
    ["test", "unit"],
  ],
  [
    ["test", "--", "unit", "-t", "x"],
    ["test", "unit", "-t", "x"],
  ],
  [
    ["run", "report:ci"],
    ["report", "prod", "--fail-on", "critical"],
  ],
  [
    ["exec", "--", "acgs", "report", "--fail-on=critical"],
    ["report", "--fail-on=critical"],
  ],
];

describe("a flag that npm kept stops the command", () => {
  it.each(KEPT)("npm %j", async (args, kept, remedy) => {
    const { refused } = await tell("npm", args);
    // npm 11 takes --to for an abbreviation of a flag with a value, npm 10 for a flag without.
    const written = (text: string) => escaped(text).replaceAll("=", "[= ]");
    expect(refused).toMatch(new RegExp(`^npm kept ${escaped(kept.split("=")[0]!)}(=\\S*)? for itself`));
    expect(refused).toMatch(new RegExp(`^ {2}write: +${written(remedy)}$`, "m"));
  });
});

describe("arguments that arrived let the command go on", () => {
  it.each(ARRIVED)("npm %j", async (args, arrived) => {
    expect(await tell("npm", args)).toEqual({ npm: true, arrived });
  });

  it("npx passes flags on", async () => {
    const args = ["report", "prod", "--fail-on=critical", "-s", "x"];
    expect(await tell("npx", ["acgs", ...args])).toEqual({ npm: true, arrived: args });
  });

  it("npm's own settings, in .npmrc or in the environment, are not flags that were kept", async () => {
    const file = join(project, ".npmrc");
    await writeFile(file, "yes=true\nstack=prod\n");
    try {
      const settings = { npm_config_json: "true", npm_config_fail_on: "critical" };
      expect(await tell("npm", ["run", "report"], settings)).toEqual({ npm: true, arrived: ["report"] });
      const without = { ...settings, npm_config_logs_max: "0" };
      expect(await tell("npm", ["run", "report"], without)).toEqual({ npm: true, arrived: ["report"] });
    } finally {
      await rm(file);
    }
  });

  it("a command that a script starts by way of another program, or no npm starts, is not npm's", async () => {
    expect(await tell("npm", ["run", "nested", "--yes"])).toEqual({ npm: false, arrived: ["up"] });
    expect(await tell(process.execPath, [probe, "up", "--yes"])).toEqual({
      npm: false,
      arrived: ["up", "--yes"],
    });
  });
});

describe("where npm writes no log", () => {
  const noLog = { npm_config_logs_max: "0" };

  it.each([
    [["run", "switchover", "prod", "--to", "postgres-2"], "postgres-2"],
    [["run", "report", "--fail-on=critical"], "--fail-on=critical"],
    [["run", "up", "prod", "--yes"], "--yes=true"],
    [["run", "drill", "none", "--no-preview"], "--preview="],
  ])("a setting that nothing explains stops the command: npm %j", async (args, kept) => {
    const { refused } = await tell("npm", args, noLog);
    expect(refused).toMatch(/^npm kept .* for itself/);
    expect(refused).toContain(kept);
    expect(refused).toContain("./acgs");
  });

  it("a command without flags goes on", async () => {
    expect(await tell("npm", ["run", "up", "prod"], noLog)).toEqual({ npm: true, arrived: ["up", "prod"] });
    expect(await tell("npm", ["test", "--", "unit", "-t", "x"], noLog)).toEqual({
      npm: true,
      arrived: ["test", "unit", "-t", "x"],
    });
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

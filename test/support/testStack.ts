import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { imageName, IMAGES } from "../../components/docker/imageNames.ts";
import type { Deployment } from "../../lib/pulumi/deployment.ts";
import { parseState } from "../../lib/pulumi/state.ts";
import { outputsIn } from "../../operations/stackOutputs.ts";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import { claim, removeAbandoned } from "./abandoned.ts";
import { docker, leftOnEngine, sweep } from "./engine.ts";
import { freePorts } from "../../testing/ports.ts";
import { reasonOf } from "./reason.ts";
import { previewSteps, updateSteps, type Step } from "./steps.ts";

const PROJECT = resolve(import.meta.dirname, "../..");
/** What a stack is made of; tests change their own copy. */
const PROGRAM = [
  "index.ts",
  "package.json",
  "Pulumi.yaml",
  "tsconfig.json",
  "components",
  "lib",
  "images",
  "sql",
];
const STACK = "test";
/** Of every test stack: in the environment of Pulumi and what it starts, and nowhere else. */
export const PASSPHRASE = "of a test stack";
const UP = ["up", "--yes", "--skip-preview", "--non-interactive"];

export interface Run {
  status: number;
  stdout: string;
  stderr: string;
}

type Configuration = Record<string, unknown>;

/**
 * A stack of its own for one test: a copy of the program, a state in a temporary folder, and a prefix and
 * ports that no other stack of the machine has.
 */
export class TestStack {
  readonly prefix: string;
  /** The copy of the program, for tests that change its files. */
  readonly directory: string;
  private configuration: Configuration;
  private salt: string | undefined;
  private destroyed = false;
  /** All that Pulumi has printed so far, where it was not asked for secrets. */
  said = "";
  private readonly environment: NodeJS.ProcessEnv;

  private constructor(directory: string, prefix: string, configuration: Configuration) {
    this.directory = join(directory, "project");
    this.prefix = prefix;
    this.configuration = configuration;
    this.environment = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // For --event-log.
      PULUMI_DEBUG_COMMANDS: "true",
      NO_COLOR: "1",
    };
    delete this.environment["PULUMI_CONFIG_PASSPHRASE_FILE"];
  }

  /**
   * @param configuration  keys without the namespace; prefix and ports are filled in
   * @param source         a checkout of the project, whose program the stack begins with
   */
  static async create(configuration: Configuration, source = PROJECT): Promise<TestStack> {
    await removeAbandoned();
    const directory = await mkdtemp(join(tmpdir(), "acgs-test-"));
    const prefix = `acgs-test-${randomBytes(3).toString("hex")}`;
    await claim(directory, prefix);
    const port = await freePorts(60);
    const ports = { pgbouncer: port, postgres: port + 10, patroni: port + 20, redis: port + 30 };
    const stack = new TestStack(directory, prefix, { prefix, ports, ...configuration });
    await mkdir(join(directory, "state"));
    await mkdir(stack.directory);
    await stack.takeProgram(source);
    await symlink(join(PROJECT, "node_modules"), join(stack.directory, "node_modules"));
    await stack.pulumi(["stack", "init", STACK]);
    await stack.configure({});
    return stack;
  }

  /** Replaces the program by that of a checkout; the stack's configuration and state stay. */
  async takeProgram(source = PROJECT): Promise<void> {
    for (const part of PROGRAM) {
      await rm(join(this.directory, part), { recursive: true, force: true });
      await cp(join(source, part), join(this.directory, part), { recursive: true });
    }
  }

  /** Changes keys of the configuration; nested keys as a whole. */
  async configure(change: Configuration): Promise<void> {
    this.configuration = { ...this.configuration, ...change };
    const config = Object.fromEntries(
      Object.entries(this.configuration).map(([key, value]) => [`acgs-db:${key}`, value]),
    );
    const file = join(this.directory, `Pulumi.${STACK}.yaml`);
    // Pulumi wrote it there when the stack was made.
    this.salt ??= (parse(await readFile(file, "utf8")) as { encryptionsalt: string }).encryptionsalt;
    await writeFile(file, JSON.stringify({ encryptionsalt: this.salt, config }, undefined, 2));
  }

  /** Sets one value as an operator sets a secret: it is encrypted in the stack's file, and on no command line. */
  async configureSecret(path: string, value: string): Promise<void> {
    const run = await this.pulumi(["config", "set", "--path", "--secret", `acgs-db:${path}`], value);
    if (run.status !== 0) throw new Error(`the secret was not set:\n${reasonOf(run)}`);
    const [key] = path.split(".") as [string];
    const file = await readFile(join(this.directory, `Pulumi.${STACK}.yaml`), "utf8");
    const { config } = parse(file) as { config: Record<string, unknown> };
    this.configuration[key] = config[`acgs-db:${key}`];
  }

  /** The state with its secrets in plain, as Pulumi exports it. */
  async export(): Promise<unknown> {
    const { stdout } = await this.pulumi(["stack", "export", "--show-secrets"]);
    return JSON.parse(stdout);
  }

  /** The state with its secrets, as operations read it. */
  async state(): Promise<Deployment> {
    return parseState((await this.pulumi(["stack", "export", "--show-secrets"])).stdout);
  }

  get<T>(key: string): T {
    return this.configuration[key] as T;
  }

  /** Runs `up` and returns what it did; throws with the reason when it fails. */
  async up(): Promise<Step[]> {
    const log = join(this.directory, "..", "events.json");
    await rm(log, { force: true });
    const run = await this.pulumi([...UP, "--event-log", log]);
    if (run.status !== 0) throw new Error(`up failed:\n${reasonOf(run)}`);
    return updateSteps(await readFile(log, "utf8"));
  }

  async tryUp(): Promise<Run> {
    return this.pulumi(UP);
  }

  /** What an `up` would do: resources without a change are left out. */
  async preview(): Promise<Step[]> {
    const run = await this.pulumi(["preview", "--json", "--non-interactive"]);
    if (run.status !== 0) throw new Error(`preview failed:\n${reasonOf(run)}`);
    return previewSteps(run.stdout);
  }

  /** The text that a reviewer reads. */
  async previewText(): Promise<string> {
    const { stdout, stderr } = await this.pulumi(["preview", "--diff", "--non-interactive"]);
    return stdout + stderr;
  }

  async tryPreview(): Promise<Run> {
    return this.pulumi(["preview", "--non-interactive"]);
  }

  async outputs(): Promise<StackOutputs> {
    return outputsIn(await this.state(), STACK);
  }

  /** Destroys the stack and its folder; what is left on the engine under its prefix is returned. */
  async destroy(): Promise<string[]> {
    const run = await this.pulumi(["destroy", "--yes", "--skip-preview", "--non-interactive"]);
    const left = await this.leftOnEngine();
    // So that a test that failed half-way leaves nothing either.
    await sweep(left);
    await this.removeImages();
    await rm(resolve(this.directory, ".."), { recursive: true, force: true });
    this.destroyed = true;
    if (run.status !== 0) throw new Error(`destroy failed:\n${reasonOf(run)}`);
    return left;
  }

  /** For the end of a test, however it went: nothing of the stack stays. */
  async end(): Promise<void> {
    if (this.destroyed) return;
    await this.pulumi(["state", "unprotect", "--all", "--yes"]);
    await this.destroy().catch((error: Error) => console.error(error.message));
  }

  /** `kind name` of every container, volume and network whose name starts with the stack's prefix. */
  leftOnEngine(): Promise<string[]> {
    return leftOnEngine(this.prefix);
  }

  /** Images of files that the test changed: no other stack has them. */
  private async removeImages(): Promise<void> {
    for (const image of IMAGES) {
      const own = imageName(image, this.directory);
      if (own !== imageName(image, PROJECT)) await docker(["image", "rm", own]).catch(() => undefined);
    }
  }

  container(alias: string): string {
    return `${this.prefix}-${alias}`;
  }

  /** @param input  what it reads from its standard input */
  pulumi(args: string[], input?: string): Promise<Run> {
    return new Promise((done, fail) => {
      const all = [...args, ...(args[0] === "stack" && args[1] === "init" ? [] : ["--stack", STACK])];
      const child = spawn("pulumi", all, {
        cwd: this.directory,
        env: this.environment,
        stdio: ["pipe", "pipe", "pipe"],
      });
      child.stdin.on("error", () => undefined); // the exit status tells
      child.stdin.end(input);
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on("data", (data: Buffer) => out.push(data));
      child.stderr.on("data", (data: Buffer) => err.push(data));
      child.on("error", fail);
      child.on("close", (status) => {
        const [stdout, stderr] = [out, err].map((data) => Buffer.concat(data).toString()) as [string, string];
        this.said += args.includes("--show-secrets") ? stderr : stdout + stderr;
        done({ status: status ?? -1, stdout, stderr });
      });
    });
  }
}

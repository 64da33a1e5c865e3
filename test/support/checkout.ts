import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { listProcesses, type Process } from "../../operations/recovery/strayProcesses.ts";
import { trustStack } from "../../lib/trust.ts";
import { stackOutputsSchema, type StackOutputs } from "../../components/stack/outputs.ts";
import { claim, killAll, processesIn, removeAbandoned } from "./abandoned.ts";
import { leftOnEngine, sweep } from "./engine.ts";
import { freePorts } from "../../testing/ports.ts";
import { reasonOf } from "./reason.ts";
import { previewSteps } from "./steps.ts";
import type { Run } from "./testStack.ts";

const PROJECT = resolve(import.meta.dirname, "../..");
/** All that `npm run up` needs. */
const PARTS = [
  ...["index.ts", "package.json", "package-lock.json", "Pulumi.yaml", "tsconfig.json"],
  ...["cli", "components", "docs", "images", "lib", "operations", "policy", "setup", "sql"],
];

type Configuration = Record<string, unknown>;

/** A command that runs, with all that it has started. */
export interface Running {
  child: ChildProcess;
  done: Promise<Run>;
}

/**
 * A checkout of the project of its own, with its own state, for tests of the commands themselves: they run as
 * `npm run <command>` runs them, on the stack `dev`.
 */
export class Checkout {
  readonly directory: string;
  readonly prefix: string;
  private configuration: Configuration;

  private constructor(directory: string, prefix: string, configuration: Configuration) {
    this.directory = directory;
    this.prefix = prefix;
    this.configuration = configuration;
  }

  /** @param configuration  keys without the namespace; prefix and ports are filled in */
  static async create(configuration: Configuration): Promise<Checkout> {
    await removeAbandoned();
    const directory = await mkdtemp(join(tmpdir(), "acgs-checkout-"));
    const prefix = `acgs-test-${randomBytes(3).toString("hex")}`;
    await claim(directory, prefix);
    const port = await freePorts(60);
    const ports = { pgbouncer: port, postgres: port + 10, patroni: port + 20, redis: port + 30 };
    const checkout = new Checkout(directory, prefix, { prefix, ports, ...configuration });
    for (const part of PARTS) await cp(join(PROJECT, part), join(directory, part), { recursive: true });
    await symlink(join(PROJECT, "node_modules"), join(directory, "node_modules"));
    await checkout.configure({});
    return checkout;
  }

  /** One whose stack is in the smallest numbers, with two of the eight schemas: fewer are as good, and quicker. */
  static async small(members: number): Promise<Checkout> {
    const checkout = await Checkout.create({
      environment: "development",
      etcd: { members: 1 },
      postgres: { members, memoryMb: 1024, cpus: 2 },
      haproxy: { instances: 1 },
      pgbouncer: { instances: 1 },
      redis: { masters: 3, replicasPerMaster: 0, maxMemoryMb: 32 },
      dataVolumes: { protect: false, retain: false },
    });
    for (const schema of ["ac", "integrity", "fv", "gs", "pgc", "ec"])
      await rm(join(checkout.directory, "sql", schema), { recursive: true });
    return checkout;
  }

  /** Changes keys of the configuration; nested keys as a whole. */
  async configure(change: Configuration): Promise<void> {
    this.configuration = { ...this.configuration, ...change };
    const config = Object.fromEntries(
      Object.entries(this.configuration).map(([key, value]) => [`acgs-db:${key}`, value]),
    );
    await writeFile(join(this.directory, "Pulumi.dev.yaml"), JSON.stringify({ config }, undefined, 2));
  }

  /** Starts `npm run <command>` in a group of its own. */
  start(...args: string[]): Running {
    const child = spawn(process.execPath, [join(this.directory, "cli", "main.ts"), ...args], {
      cwd: this.directory,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const out = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      out.stderr += text;
    });
    // Not "close": a helper that outlives the command holds its pipes.
    const done = new Promise<Run>((ended, failed) => {
      child.on("error", failed);
      child.on("exit", (status) => setTimeout(() => ended({ status: status ?? -1, ...out }), 50));
    });
    return { child, done };
  }

  run(...args: string[]): Promise<Run> {
    return this.start(...args).done;
  }

  /** Runs a command that must succeed; throws with the reason otherwise. */
  async succeed(...args: string[]): Promise<Run> {
    const run = await this.run(...args);
    if (run.status !== 0) throw new Error(`${args.join(" ")} failed:\n${reasonOf(run)}`);
    return run;
  }

  async outputs(): Promise<StackOutputs> {
    const { stdout } = await this.succeed("outputs", "dev", "--show-secrets");
    const outputs = stackOutputsSchema.parse(JSON.parse(stdout));
    trustStack(outputs);
    return outputs;
  }

  /** Steps of a preview that change something, as `op name`. */
  async changes(): Promise<string[]> {
    const { stdout } = await this.succeed("preview", "dev", "--json");
    return previewSteps(stdout).map(({ op, name }) => `${op} ${name}`);
  }

  /** The first port of a kind. */
  port(kind: "pgbouncer" | "postgres" | "patroni" | "redis"): number {
    return (this.configuration["ports"] as Record<string, number>)[kind]!;
  }

  container(alias: string): string {
    return `${this.prefix}-${alias}`;
  }

  leftOnEngine(): Promise<string[]> {
    return leftOnEngine(this.prefix);
  }

  /** For the end of a test, however it went: nothing of it runs or is left. */
  async end(): Promise<void> {
    killAll(this.processes());
    await sweep(await this.leftOnEngine());
    await rm(this.directory, { recursive: true, force: true });
  }

  /** All processes that work on this checkout's stack. */
  processes(): Process[] {
    return processesIn(this.directory);
  }
}

/** A process with all that it has started, directly or not. */
export function withDescendants(pid: number): Process[] {
  const all = listProcesses();
  const found = all.filter((one) => one.pid === pid);
  for (let i = 0; i < found.length; i++) found.push(...all.filter((one) => one.parent === found[i]!.pid));
  return found;
}

/** As a person's, without what the test run has set for its own Pulumi. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"));
  return { ...Object.fromEntries(own), NO_COLOR: "1" };
}

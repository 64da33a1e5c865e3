import { cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectDir } from "../lib/paths.ts";
import type { Deployment } from "../lib/pulumi/deployment.ts";
import { parseState } from "../lib/pulumi/state.ts";
import { run, type Finished } from "./process.ts";

/** What the stack's program is made of. */
export const PROGRAM = [
  "index.ts",
  "package.json",
  "Pulumi.yaml",
  "tsconfig.json",
  "components",
  "lib",
  "images",
  "sql",
];
const STACK = "bench";

/** A Pulumi project with one stack and a state of its own, in a folder of its own. */
export class PulumiProject {
  private readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** A copy of this project's program: what others change in the meantime is not measured. */
  static async copy(directory: string, configuration: Record<string, unknown>): Promise<PulumiProject> {
    await mkdir(directory);
    for (const part of PROGRAM) {
      await cp(join(projectDir, part), join(directory, part), { recursive: true });
    }
    const config = Object.fromEntries(
      Object.entries(configuration).map(([key, value]) => [`acgs-db:${key}`, value]),
    );
    await writeFile(join(directory, `Pulumi.${STACK}.yaml`), JSON.stringify({ config }, undefined, 2));
    return PulumiProject.open(directory);
  }

  /** A program that does nothing, run as this project's program is: what Pulumi itself takes. */
  static async empty(directory: string): Promise<PulumiProject> {
    await mkdir(directory);
    await cp(join(projectDir, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
    await writeFile(
      join(directory, "package.json"),
      JSON.stringify({ name: "acgs-db", type: "module", main: "index.ts" }),
    );
    await writeFile(join(directory, "index.ts"), "export {};\n");
    return PulumiProject.open(directory);
  }

  private static async open(directory: string): Promise<PulumiProject> {
    await symlink(join(projectDir, "node_modules"), join(directory, "node_modules"));
    const project = new PulumiProject(directory);
    await project.forget();
    return project;
  }

  /** Makes the state anew: the next `up` is one from nothing. */
  async forget(): Promise<void> {
    const state = join(this.directory, "state");
    await rm(state, { recursive: true, force: true });
    await mkdir(state);
    await this.pulumi(["stack", "init", STACK]);
  }

  /** As `npm run up` calls it, preview included. @returns seconds */
  async up(): Promise<number> {
    return (await this.pulumi(["up", "--yes", "--non-interactive"])).seconds;
  }

  /** @returns seconds */
  async preview(): Promise<number> {
    return (await this.pulumi(["preview", "--non-interactive"])).seconds;
  }

  /** @throws Error when an `up` would still change something: then it is no figure of an unchanged stack */
  async expectNoChange(): Promise<void> {
    await this.pulumi(["preview", "--expect-no-changes", "--non-interactive"]);
  }

  /** The state with its secrets. */
  async state(): Promise<Deployment> {
    return parseState((await this.pulumi(["stack", "export", "--show-secrets"])).stdout);
  }

  private pulumi(args: readonly string[]): Promise<Finished> {
    const { PULUMI_CONFIG_PASSPHRASE_FILE: _, ...environment } = process.env;
    const stack = args[1] === "init" ? [] : ["--stack", STACK];
    return run("pulumi", [...args, ...stack], {
      cwd: this.directory,
      env: {
        ...environment,
        PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "of a benchmark",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        NO_COLOR: "1",
      },
    });
  }
}

// Small Pulumi projects that are run with the stand-ins, whatever Pulumi the machine has.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { installToolchain, type Toolchain } from "../../setup/toolchain/install.ts";
import { withLock } from "../../lib/lock.ts";
import { cacheDir, projectDir } from "../../lib/paths.ts";
import { step } from "../../lib/progress.ts";

/** What a command wrote, both streams together, and whether it succeeded. */
export interface Outcome {
  readonly succeeded: boolean;
  readonly output: string;
}

/** A step of a preview: what would be done to which resource, and which properties differ. */
export interface PlannedStep {
  readonly op: string;
  readonly name: string;
  readonly properties: Record<string, string>;
}

/** The stand-ins, built where they are not there yet. */
export function toolchain(): Promise<Toolchain> {
  return withLock("toolchain", () => installToolchain({ cacheDir, projectDir, step }));
}

/** A project of one file in a temporary folder, with its state beside it. */
export class Project {
  readonly directory: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(directory: string, environment: NodeJS.ProcessEnv) {
    this.directory = directory;
    this.#environment = environment;
  }

  /** @param options  runtime options, as YAML in one line */
  static async create(options = '{typescript: false, nodeargs: "--disable-warning=ExperimentalWarning"}') {
    const { bin, env } = await toolchain();
    const directory = await mkdtemp(join(tmpdir(), "acgs-toolchain-test-"));
    const project = new Project(directory, {
      ...process.env,
      ...env,
      PATH: [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter),
      PULUMI_BACKEND_URL: `file://${directory}`,
      PULUMI_CONFIG_PASSPHRASE: "only for this test",
    });
    await symlink(join(projectDir, "node_modules"), join(directory, "node_modules"));
    const runtime = `runtime:\n  name: nodejs\n  options: ${options}\n`;
    await writeFile(join(directory, "Pulumi.yaml"), `name: test\n${runtime}`);
    await writeFile(
      join(directory, "package.json"),
      '{"name":"test","version":"0.0.1","type":"module","main":"index.ts"}',
    );
    const made = await project.pulumi("stack", "init", "test");
    if (!made.succeeded) throw new Error(made.output);
    return project;
  }

  /** Replaces the program. */
  async program(source: string): Promise<void> {
    await this.file("index.ts", source);
  }

  /** Writes a file of the project. */
  async file(path: string, content: string): Promise<void> {
    await mkdir(dirname(join(this.directory, path)), { recursive: true });
    await writeFile(join(this.directory, path), content);
  }

  async pulumi(...args: string[]): Promise<Outcome> {
    const all = [...args, "--non-interactive", "--color", "never"];
    return new Promise((resolve) => {
      execFile(
        "pulumi",
        all,
        { cwd: this.directory, env: this.#environment, maxBuffer: 2 ** 26 },
        (error, stdout, stderr) => resolve({ succeeded: error === null, output: stdout + stderr }),
      );
    });
  }

  up(): Promise<Outcome> {
    return this.pulumi("up", "--yes", "--skip-preview", "--suppress-progress", "--stack", "test");
  }

  /** What a preview would do, without resources that stay as they are. */
  async preview(): Promise<PlannedStep[]> {
    const { succeeded, output } = await this.pulumi("preview", "--json", "--stack", "test");
    if (!succeeded) throw new Error(output);
    const { steps } = JSON.parse(output.slice(output.indexOf("{"))) as { steps: RawStep[] };
    return steps
      .filter((raw) => raw.op !== "same")
      .map((raw) => ({
        op: raw.op,
        name: raw.urn.slice(raw.urn.lastIndexOf("::") + 2),
        properties: Object.fromEntries(
          Object.entries(raw.detailedDiff ?? {}).map(([name, { kind }]) => [name, kind]),
        ),
      }));
  }

  /** The state file, as it lies on disk. */
  state(): Promise<string> {
    return readFile(join(this.directory, ".pulumi", "stacks", "test", "test.json"), "utf8");
  }

  /** Destroys what is there, and removes the folder. */
  async remove(): Promise<Outcome> {
    const outcome = await this.pulumi(
      "destroy",
      "--yes",
      "--skip-preview",
      "--suppress-progress",
      "--stack",
      "test",
    );
    await rm(this.directory, { recursive: true, force: true });
    return outcome;
  }
}

interface RawStep {
  readonly op: string;
  readonly urn: string;
  readonly detailedDiff?: Record<string, { kind: string }> | null;
}

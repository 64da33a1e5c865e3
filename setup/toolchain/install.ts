// Builds what `pulumi up` needs on a machine that reaches package registries, but not Pulumi's download host.
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { UserError } from "../../lib/errors.ts";
import { capture, runLogged } from "../../lib/process.ts";

/** Where to build, for which project, and how to tell what is being done. */
export interface InstallOptions {
  /** Toolchains are kept here, each in a folder of its own, named after its content. */
  readonly cacheDir: string;
  /** The checkout with `setup/toolchain/` in it. */
  readonly projectDir: string;
  /** Shows that a step runs, how long it took and where its log is. */
  readonly step: <T>(title: string, run: (logFile: string) => Promise<T>) => Promise<T>;
}

/** A toolchain that is ready: `bin` goes first on PATH, `env` holds the other variables. */
export interface Toolchain {
  readonly bin: string;
  readonly env: Record<string, string>;
}

/** A program that is built from Go modules. */
interface GoProgram {
  readonly title: string;
  /** Folder in `setup/toolchain/` whose go.mod and go.sum say from what. */
  readonly module: string;
  readonly package: string;
  readonly output: string;
  readonly ldflags: string;
}

/** Versions that the engine knows the programs by. Those of the plugins are the npm packages' own. */
const CLI_VERSION = "v3.259.0";
const PLUGINS = [
  { name: "docker", version: "5.2.0" },
  { name: "postgresql", version: "3.18.1" },
];
/** From this version on, Go fetches the version that a go.mod asks for. */
const OLDEST_GO = [1, 21] as const;

const CLI: GoProgram = {
  title: `Build the Pulumi CLI ${CLI_VERSION} (4 minutes the first time)`,
  module: "pulumi-cli",
  package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  output: "pulumi",
  ldflags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${CLI_VERSION}`,
};

/**
 * Builds the toolchain, or returns the one that is there already. It has two parts, each named after its own content: what
 * Go builds, which takes minutes, and the language host with the launchers, which are copied in no time. Each is put in
 * place by one rename: an interrupted build leaves nothing behind that looks finished, and of two that run at once one is kept.
 * @throws Fault when there is no Go, or when a build fails
 */
export async function installToolchain({ cacheDir, projectDir, step }: InstallOptions): Promise<Toolchain> {
  const sources = join(projectDir, "setup", "toolchain");
  const modules = [CLI.module, ...PLUGINS.map(({ name }) => `${name}-plugin`)];
  const programs = join(cacheDir, `pulumi-${contentHash(sources, modules, JSON.stringify([CLI, PLUGINS]))}`);
  const layout = basename(programs) + readFileSync(join(sources, "install.ts"), "utf8");
  const target = join(cacheDir, `toolchain-${contentHash(sources, ["bin", "language-host"], layout)}`);
  await once(programs, async (scratch) => build(await findGo(), sources, scratch, step));
  await once(target, async (scratch) => {
    for (const part of ["bin", "language-host"])
      cpSync(join(sources, part), join(scratch, part), { recursive: true });
    // A second name of the file, not a symbolic link: the CLI looks for the language host beside the file that it is.
    linkSync(join(programs, CLI.output), join(scratch, "bin", CLI.output));
  });
  return { bin: join(target, "bin"), env: environment(programs, cacheDir) };
}

/** What the CLI and its plugins need to know: where plugins are, and where Node keeps what it has compiled. */
function environment(programs: string, cacheDir: string): Record<string, string> {
  return {
    PULUMI_HOME: join(programs, "home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    NODE_COMPILE_CACHE: join(cacheDir, "node-compile-cache"),
  };
}

/** Makes a folder unless it is there. */
async function once(target: string, make: (scratch: string) => Promise<void>): Promise<void> {
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  const scratch = mkdtempSync(join(dirname(target), "building-toolchain-"));
  try {
    await make(scratch);
    putInPlace(scratch, target);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Builds the CLI, and the plugins into the folder where it looks for them. */
async function build(
  go: string,
  sources: string,
  scratch: string,
  step: InstallOptions["step"],
): Promise<void> {
  await step(CLI.title, (log) => buildProgram(go, sources, CLI, scratch, log));
  for (const { name, version } of PLUGINS) {
    const plugin: GoProgram = {
      title: `Build the ${name} plugin ${version}`,
      module: `${name}-plugin`,
      package: ".",
      output: `pulumi-resource-${name}`,
      ldflags: "-s -w",
    };
    await step(plugin.title, async (log) => {
      await buildProgram(go, sources, plugin, scratch, log);
      const file = join(scratch, plugin.output);
      const args = ["plugin", "install", "resource", name, version, "--file", file];
      const env = { ...process.env, ...environment(scratch, scratch) };
      await runLogged(join(scratch, CLI.output), args, log, { env });
      rmSync(file);
    });
  }
}

/** `go.sum` guards every build: a module with another content than the one that was tried is refused. */
async function buildProgram(
  go: string,
  sources: string,
  program: GoProgram,
  to: string,
  log: string,
): Promise<void> {
  const args = [
    "build",
    "-trimpath",
    "-ldflags",
    program.ldflags,
    "-o",
    join(to, program.output),
    program.package,
  ];
  const env = { ...process.env, GOFLAGS: "-mod=readonly -buildvcs=false", GOWORK: "off", CGO_ENABLED: "0" };
  await runLogged(go, args, log, { cwd: join(sources, program.module), env });
}

/**
 * The command of a Go that can build everything here.
 * @throws Fault naming what to install
 */
async function findGo(): Promise<string> {
  const { status, stdout } = await capture("go", ["env", "GOVERSION"], { timeout: 60_000 });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout.trim()) ?? [];
  if (status === 0 && (Number(major) > OLDEST_GO[0] || Number(minor) >= OLDEST_GO[1])) return "go";
  const found = status === 0 ? `Go ${major}.${minor} is too old` : "Go is not there";
  throw new UserError(
    `Pulumi cannot be downloaded here, and to build it from modules ${found}.\n` +
      `Install Go ${OLDEST_GO.join(".")} or later, from which on it fetches the version it needs by itself: on Debian 13 ` +
      `"apt-get install golang-go", on Debian 12 "apt-get install -t bookworm-backports golang-go". Then try again.`,
  );
}

function putInPlace(scratch: string, target: string): void {
  try {
    renameSync(scratch, target);
  } catch (error) {
    if (!existsSync(target)) throw error; // else another run was faster, and its build is as good
  }
}

/** Twelve hexadecimal digits that change with anything in these folders, and with `more`. */
function contentHash(sources: string, folders: readonly string[], more: string): string {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${more}`);
  const files = folders
    .flatMap((folder) => readdirSync(join(sources, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/\.md$|_test\.go$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`\n${relative(sources, file)} ${content.length}\n`).update(content);
  }
  return hash.digest("hex").slice(0, 12);
}

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { installToolchain } from "../../setup/toolchain/install.ts";
import { projectDir } from "../../lib/paths.ts";
import { toolchain } from "./project.ts";

describe("installing the toolchain", { timeout: 120_000 }, () => {
  let cacheDir: string;
  beforeEach(async () => (cacheDir = await mkdtemp(join(tmpdir(), "acgs-toolchain-test-"))));
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(cacheDir, { recursive: true, force: true });
  });

  it("has nothing to do when it is there", async () => {
    const first = await toolchain();
    const steps = vi.fn();
    const again = await installToolchain({ cacheDir: dirname(dirname(first.bin)), projectDir, step: steps });
    expect(again).toEqual(first);
    expect(steps).not.toHaveBeenCalled();
    expect((await readdir(first.bin)).sort()).toEqual([
      "pulumi",
      "pulumi-language-nodejs",
      "pulumi-resource-pulumi-nodejs",
    ]);
  });

  it("puts plugins where Pulumi finds them, under the versions that the npm packages ask for", async () => {
    const { bin, env } = await toolchain();
    const { stdout } = await promisify(execFile)("pulumi", ["plugin", "ls", "--json"], {
      env: { ...process.env, ...env, PATH: [bin, process.env["PATH"]].join(delimiter) },
    });
    const plugins = JSON.parse(stdout) as { name: string; version: string }[];
    expect(plugins.map(({ name, version }) => `${name} ${version}`).sort()).toEqual([
      "docker 5.2.0",
      "postgresql 3.18.1",
    ]);
  });

  it("says what to install when there is no Go, and leaves nothing behind", async () => {
    vi.stubEnv("PATH", cacheDir);
    const step = <T>(_: string, run: (log: string) => Promise<T>) => run(join(cacheDir, "log"));
    await expect(installToolchain({ cacheDir, projectDir, step })).rejects.toThrow(
      /Install Go 1\.21 or later/,
    );
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it("passes the plugins' own tests", async () => {
    const env = { ...process.env, GOFLAGS: "-mod=readonly -buildvcs=false", CGO_ENABLED: "0" };
    const cwd = join(projectDir, "setup", "toolchain", "postgresql-plugin");
    const { stdout } = await promisify(execFile)("go", ["test", "-trimpath", "./..."], { cwd, env });
    expect(stdout).toMatch(/^ok/);
  });
});

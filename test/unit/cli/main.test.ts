import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");

it("installs the packages before it needs one of them, called by a link from another folder", async () => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "acgs-setup-")));
  try {
    // Neither node_modules nor the folders that use packages.
    for (const folder of ["cli", "lib", "setup"])
      await cp(join(root, folder), join(directory, folder), { recursive: true });
    await writeFile(join(directory, "package.json"), '{ "type": "module" }');
    await writeFile(join(directory, "package-lock.json"), "{}");
    await writeFile(join(directory, "npm"), '#!/bin/sh\necho "in $PWD npm was told: $*"\nexit 1\n');
    await chmod(join(directory, "npm"), 0o755);
    const { npm_execpath: _, ...env } = process.env;
    await symlink(join("cli", "run.mjs"), join(directory, "acgs"));
    const elsewhere = join(directory, "elsewhere");
    await mkdir(elsewhere);
    await symlink(join(directory, "acgs"), join(elsewhere, "linked"));
    const started = promisify(execFile)("./linked", ["lint"], {
      cwd: elsewhere,
      env: { ...env, PATH: `${directory}:${process.env["PATH"]}`, ACGS_DB_CACHE: join(directory, "cache") },
    });
    await expect(started).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`in ${directory} npm was told: ci `) as string,
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});

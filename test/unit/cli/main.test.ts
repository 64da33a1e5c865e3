import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");

it("starts where no package is installed yet", async () => {
  const directory = await mkdtemp(join(tmpdir(), "acgs-setup-"));
  try {
    // Without node_modules: what main.ts imports itself needs no package.
    for (const folder of ["cli", "setup", "lib"])
      await cp(join(root, folder), join(directory, folder), { recursive: true });
    await writeFile(join(directory, "package.json"), '{ "type": "module" }');
    const started = promisify(execFile)(process.execPath, [join(directory, "cli", "main.ts"), "nothing"]);
    await expect(started).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /There is no command "nothing"; there are preview, up, .*docs:schema/,
      ) as string,
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});

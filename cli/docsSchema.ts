import { Option } from "commander";
import { join } from "node:path";
import { projectDir } from "../lib/paths.ts";
import { runAttached } from "../lib/process.ts";
import { provideCertificates } from "../setup/certificates.ts";
import { ensureBaseImages } from "../setup/docker/baseImages.ts";
import { ensureEngine } from "../setup/docker/ensure.ts";
import { define } from "./command.ts";

export const docsSchema = define<{ check?: boolean }>({
  name: "docs:schema",
  group: "Work on this project:",
  purpose: "Generates the pages on the database's schemas from a server that has them.",
  options: [new Option("--check", "write nothing; exit with 1 if a page would change")],
  example: "docs:schema --check",
  async run({ check }) {
    provideCertificates();
    await ensureBaseImages(await ensureEngine());
    const script = join(projectDir, "docs", "generator", "generate.ts");
    const args = [script, ...(check ? ["--check"] : [])];
    return runAttached(process.execPath, args, { cwd: projectDir, env: process.env });
  },
});

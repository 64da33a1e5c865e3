import { join } from "node:path";
import { provideCertificates } from "../setup/certificates.ts";
import { ensureBaseImages } from "../setup/docker/baseImages.ts";
import { ensureEngine } from "../setup/docker/ensure.ts";
import { projectDir } from "../lib/paths.ts";
import { runAttached } from "../lib/process.ts";

/** `npm run docs:schema [-- --check]`: sets up an engine, then runs docs/generator/generate.ts. Returns the exit status. */
export async function runDocsSchema(args: string[]): Promise<number> {
  provideCertificates();
  await ensureBaseImages(await ensureEngine());
  const script = join(projectDir, "docs", "generator", "generate.ts");
  return runAttached(process.execPath, [script, ...args], { cwd: projectDir, env: process.env });
}

import { join } from "node:path";
import { provideCertificates } from "../certificates.ts";
import { ensureBaseImages } from "../docker/baseImages.ts";
import { ensureEngine } from "../docker/ensure.ts";
import { projectDir } from "../paths.ts";
import { runAttached } from "../process.ts";

/** `npm run docs:schema [-- --check]`: sets up an engine, then runs schemaDocs/generate.ts. Returns the exit status. */
export async function runDocsSchema(args: string[]): Promise<number> {
  provideCertificates();
  await ensureBaseImages(await ensureEngine());
  const script = join(projectDir, "schemaDocs", "generate.ts");
  return runAttached(process.execPath, [script, ...args], { cwd: projectDir, env: process.env });
}

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { projectDir } from "../lib/paths.ts";
import { say } from "../lib/progress.ts";

/** `npm run privileges`: writes what is made from the table of privileges. Returns the exit status. */
export async function runPrivileges(): Promise<number> {
  const { privilegeFiles } = await import("../docs/generator/privilegeFiles.ts");
  for (const [name, text] of Object.entries(privilegeFiles())) {
    const file = join(projectDir, name);
    const isPage = name.endsWith(".md");
    writeFileSync(
      file,
      isPage ? await format(text, { ...(await resolveConfig(file)), parser: "markdown" }) : text,
    );
    say(`✓ ${name}`);
  }
  return 0;
}

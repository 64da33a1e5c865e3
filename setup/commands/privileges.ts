import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectDir } from "../paths.ts";
import { say } from "../progress.ts";

/** `npm run privileges`: writes what is made from the table of privileges. Returns the exit status. */
export async function runPrivileges(): Promise<number> {
  const { privilegeFiles } = await import("../../components/access/privileges/files.ts");
  for (const [file, text] of Object.entries(privilegeFiles())) {
    mkdirSync(dirname(join(projectDir, file)), { recursive: true });
    writeFileSync(join(projectDir, file), text);
    say(`✓ ${file}`);
  }
  return 0;
}

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { privilegeFiles } from "../docs/generator/privilegeFiles.ts";
import { projectDir } from "../lib/paths.ts";
import { say } from "../lib/progress.ts";
import { define } from "./command.ts";
import { EXIT } from "./exitStatus.ts";

export const privileges = define<object>({
  name: "privileges",
  group: "Work on this project:",
  purpose: "Writes the files that are generated from the table of privileges.",
  example: "privileges",
  async run() {
    for (const [name, text] of Object.entries(privilegeFiles())) {
      const file = join(projectDir, name);
      const page = async () => format(text, { ...(await resolveConfig(file)), parser: "markdown" });
      writeFileSync(file, name.endsWith(".md") ? await page() : text);
      say(`✓ ${name}`);
    }
    return EXIT.ok;
  },
});

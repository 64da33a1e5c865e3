import { join } from "node:path";
import { projectDir } from "../lib/paths.ts";
import { runAttached } from "../lib/process.ts";
import { toolEnvironment } from "../lib/pulumi/tool.ts";
import { prepare } from "../setup/prepare.ts";
import { define } from "./command.ts";

export const bench = define<{ given: string[] }>({
  name: "bench",
  group: "Work on this project:",
  purpose: "Measures the stack against what it is judged by, and writes docs/bench.md.",
  words: "[part…]",
  passesFlagsTo: "bench/run.ts",
  wordsHelp: "Flags: --quick, --page, --pairs N, --up-pairs N, --rows N, --seconds N (docs/bench.md).",
  example: "bench redis --quick",
  read: (given) => ({ given }),
  async run({ given }) {
    const env = toolEnvironment(await prepare(), process.env);
    return runAttached(process.execPath, [join(projectDir, "bench", "run.ts"), ...given], {
      cwd: projectDir,
      env,
    });
  },
});

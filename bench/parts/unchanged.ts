import { join } from "node:path";
import { measurePairs, type Comparison } from "../comparison.ts";
import type { Part } from "../part.ts";
import { measured } from "../progress.ts";
import { PulumiProject } from "../pulumiProject.ts";

/** A preview and an `up` that find nothing to do, against those of a program without a resource. */
export const unchanged: Part = async ({ workspace, stack, options }) => {
  await stack.ensureUp();
  const empty = await PulumiProject.empty(join(workspace.directory, "empty"));
  await empty.up();
  await stack.project.expectNoChange();

  const compare = async (name: string, command: "preview" | "up", goal: number): Promise<Comparison> => ({
    name,
    subject: "dev stack",
    reference: "empty program",
    shown: [{ figure: "seconds", unit: "s", goal: { atMost: goal } }],
    pairs: await measurePairs(
      options.pairs,
      () => measured(name, async () => ({ seconds: await stack.project[command]() })),
      () => measured("empty program", async () => ({ seconds: await empty[command]() })),
    ),
  });
  return {
    comparisons: [await compare("no-change preview", "preview", 6), await compare("no-change up", "up", 10)],
    notes: [
      "up is `pulumi up --yes`, as `npm run up` calls it: its own preview is part of the time. The checks of the " +
        "set-up that npm's command makes before are not.",
    ],
  };
};

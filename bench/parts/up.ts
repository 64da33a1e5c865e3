import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { IMAGES } from "../../components/docker/imageNames.ts";
import { writeFiles } from "../../components/docker/writeFiles.ts";
import { buildImage, ENGINE } from "../../testing/images.ts";
import { nothingMissing, waitFor } from "../../lib/wait.ts";
import { measurePairs } from "../comparison.ts";
import { composeProject, type ComposeProject } from "../compose.ts";
import { composeCommand } from "../composeCommand.ts";
import type { Part } from "../part.ts";
import { run } from "../process.ts";
import { measured, sayProgress } from "../progress.ts";
import { docker } from "../workspace.ts";

const HEALTHY_WITHIN_MS = 180_000;
const LOOK_EVERY_MS = 200;

/** `up` from nothing, with the images built, against docker-compose starting the same containers. */
export const up: Part = async ({ workspace, stack, options }) => {
  const command = await composeCommand();
  sayProgress("images are built where they are missing");
  for (const image of IMAGES) await buildImage(image);

  const prefix = `${workspace.prefix}-compose`;
  const directory = join(workspace.directory, "compose");
  const file = join(directory, "docker-compose.json");
  let project: ComposeProject | undefined;

  const pairs = await measurePairs(
    options.upPairs,
    () => measured("up from nothing", async () => ({ seconds: await stack.upFromNothing() })),
    () =>
      measured("docker-compose", async () => {
        project ??= await describeStack();
        await stack.remove();
        try {
          return { seconds: await composeUp(project) };
        } finally {
          await workspace.sweep(prefix);
        }
      }),
  );
  return {
    comparisons: [
      {
        name: "up from nothing",
        subject: "up",
        reference: "docker-compose",
        shown: [{ figure: "seconds", unit: "s", goal: { atMost: 90 } }],
        pairs,
      },
    ],
    notes: [
      "docker-compose starts the same containers with the same files and waits until all are healthy. It makes no " +
        "roles, database, schemas or SQL, sets no parameters and no pools, and forms no Redis cluster: its six nodes " +
        "are healthy alone. It starts all containers at once; up starts members of one cluster one after the other.",
    ],
  };

  async function describeStack(): Promise<ComposeProject> {
    const made = composeProject(await stack.project.state(), prefix);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeFile(file, JSON.stringify(made.file), { mode: 0o600 });
    return made;
  }

  async function composeUp({ files, containers }: ComposeProject): Promise<number> {
    const begun = performance.now();
    // docker-compose takes over volumes that are there already.
    for (const { files: contents, ...volume } of files)
      await writeFiles({ docker: ENGINE, ...volume }, contents);
    const [program = "", ...args] = command;
    await run(program, [...args, "--project-name", prefix, "--file", file, "up", "--detach"]);
    await untilHealthy(containers);
    return (performance.now() - begun) / 1000;
  }
};

async function untilHealthy(containers: readonly string[]): Promise<void> {
  const look = async () => {
    const format = "{{.Name}} {{.State.Health.Status}}";
    const states = (await docker(["inspect", "--format", format, ...containers])).split("\n");
    return nothingMissing(states.filter((line) => !line.endsWith(" healthy")).join(", ") || undefined);
  };
  const limits = { within: HEALTHY_WITHIN_MS, every: LOOK_EVERY_MS };
  await waitFor(look, { ...limits, what: "all containers to be healthy" });
}

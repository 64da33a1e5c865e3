import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildImage } from "../../testing/images.ts";
import { docker } from "../support/engine.ts";
import { TestStack } from "../support/testStack.ts";

// The end of an update alone, by plain Pulumi, over a container that the test starts beside the stack.

const PROGRAM = `
import { StackHealth } from "./components/stack/stackHealth.ts";
import { loadConfiguration } from "./components/stack/read.ts";

const { prefix } = loadConfiguration().configuration;
new StackHealth("stack-health", [{ docker: "local", container: \`\${prefix}-beside\` }], {});
`;

let stack: TestStack;
let image: string;

async function start(script: string): Promise<void> {
  const name = stack.container("beside");
  await docker(["rm", "--force", name]);
  const command = ["--entrypoint", "sh", image, "-c", script];
  await docker(["run", "--detach", "--init", "--name", name, "--restart", "unless-stopped", ...command]);
}

beforeAll(async () => {
  image = await buildImage("redis");
  stack = await TestStack.create({ environment: "development" });
  await writeFile(join(stack.directory, "index.ts"), PROGRAM);
});

afterAll(() => stack?.end());

it("an update fails that changes nothing and leaves a container in a restart loop", async () => {
  await start("sleep 600");
  await stack.up();
  expect(await stack.up()).toEqual([]);

  await start("sleep 1; exit 3");
  expect(await stack.preview()).toEqual([]);
  const { status, stdout, stderr } = await stack.tryUp();
  expect(status).not.toBe(0);
  const name = stack.container("beside");
  expect(stdout + stderr).toMatch(
    new RegExp(
      `${name} ends again and again \\(started again \\d+ times, last exit status \\d\\). Its last lines: docker logs`,
    ),
  );

  await start("sleep 600");
  expect(await stack.up()).toEqual([]);
});

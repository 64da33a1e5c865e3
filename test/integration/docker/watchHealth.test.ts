import { randomBytes } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { CONTAINER_SETTINGS } from "../../../components/docker/container.ts";
import { ENGINE, buildImage } from "../../../testing/images.ts";
import { inspectContainer } from "../../../lib/docker/containers.ts";
import { eventually } from "../../../testing/eventually.ts";
import { docker } from "../../support/engine.ts";

// The engine and the program together, on a container whose health is a file.

const container = `acgs-health-test-${randomBytes(4).toString("hex")}`;
const status = async () => (await inspectContainer({ docker: ENGINE, container }))?.State.Health?.Status;
const on = (script: string) => docker(["exec", container, "sh", "-c", script]);

afterAll(() => docker(["rm", "--force", "--volumes", container]));

const TITLE = "a container's health is what its check says, though the engine starts one in two minutes";

it(TITLE, { timeout: 300_000 }, async () => {
  const { tests, interval, timeout, retries, startPeriod } = CONTAINER_SETTINGS.healthcheck;
  const health = [
    ...[
      "--health-cmd",
      `PATH=/tmp:$PATH ${tests[1]}`,
      "--health-interval",
      interval,
      "--health-timeout",
      timeout,
    ],
    ...["--health-retries", String(retries), "--health-start-period", startPeriod],
  ];
  const check = "#!/bin/sh\\necho check >> /tmp/checks; test ! -e /tmp/ill\\n";
  const program = `printf '${check}' > /tmp/healthcheck && chmod 755 /tmp/healthcheck && exec sleep 600`;
  const image = await buildImage("redis");
  const run = ["run", "--detach", "--init", "--name", container, "--entrypoint", "sh"];
  await docker([...run, ...health, image, "-c", program]);
  await eventually("it is healthy", async () => (await status()) === "healthy");

  await on("touch /tmp/ill");
  await eventually("it is unhealthy", async () => (await status()) === "unhealthy");
  await on("rm /tmp/ill");
  await eventually("it is healthy again", async () => (await status()) === "healthy");

  const checked = async () => (await on("wc -l < /tmp/checks")).trim();
  const before = await checked();
  await eventually("it is checked again", async () => (await checked()) !== before);
  const processes = await docker(["top", container, "-o", "pid,args"]);
  expect(processes).toContain("watch-health");
});

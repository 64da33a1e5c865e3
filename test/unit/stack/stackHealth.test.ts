import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { provider, waitUntilWell } from "../../../components/stack/stackHealth.provider.ts";
import { FakeEngine } from "../docker/fakeEngine.ts";

let engine: FakeEngine;
const container = "acgs-dev-redis-3";
const at = () => [{ docker: engine.endpoint, container }];

/** What the engine says of the container; an hour old and well unless told otherwise. */
function is(state: object, RestartCount = 0): void {
  const StartedAt = new Date(Date.now() - 3_600_000).toISOString();
  const State = { Status: "running", ExitCode: 0, StartedAt, Health: { Status: "healthy" }, ...state };
  engine.answerWith(200, { State, RestartCount });
}

beforeEach(async () => {
  engine = await FakeEngine.start();
});
afterEach(() => engine.stop());

describe("the end of an update", () => {
  it("waits for containers that get well, and takes an old restart for nothing", async () => {
    is({ Health: { Status: "starting" } });
    setTimeout(() => is({}, 7), 600);
    await waitUntilWell(at(), 60_000);
  });

  it.each([
    [
      "ends again and again (started again 17 times, last exit status 1)",
      { Status: "restarting", ExitCode: 1 },
      17,
    ],
    [
      "ends again and again (started again 2 times, last exit status 0)",
      { StartedAt: new Date().toISOString() },
      2,
    ],
    ["is unhealthy", { Health: { Status: "unhealthy" } }, 0],
    ["does not run (exited, exit status 137)", { Status: "exited", ExitCode: 137 }, 0],
  ])(
    "fails where a container %s, with the command that shows its last lines",
    async (words, state, restarts) => {
      is(state, restarts);
      await expect(waitUntilWell(at(), 1_500)).rejects.toThrow(
        `not every container is well:\n  ${container} ${words}. Its last lines: docker logs --tail 50 ${container}\nMend `,
      );
    },
  );

  it("fails where a container is gone, or its engine does not tell", async () => {
    engine.answerWith(404, { message: "No such container" });
    await expect(waitUntilWell(at(), 1_500)).rejects.toThrow(`\n  ${container} is gone.\n`);
    engine.answerWith(500, { message: "out of order" });
    await expect(waitUntilWell(at(), 1_500)).rejects.toThrow("out of order");
  });

  it("looks in every update and in no preview, and keeps nothing that a preview would show", async () => {
    engine.answerWith(500, { message: "out of order" });
    const check = (isPreview: boolean) => provider.check!({} as never, { containers: at(), isPreview });
    expect(await check(true)).toEqual({ inputs: {}, failures: [] });
    expect(engine.asked).toEqual([]);
    const { inputs, failures } = await check(false);
    expect(inputs).toEqual({});
    expect(failures).toEqual([{ property: "", reason: expect.stringContaining("out of order") as string }]);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { drain } from "../../../components/postgres/switchover/drain.ts";
import { withPausedPools } from "../../../components/postgres/switchover/pausedPools.ts";
import { CommandFailed, EngineUnreachable } from "../../../lib/docker/errors.ts";
import { FakeEngine, frame } from "../docker/fakeEngine.ts";
import { errorOf } from "../../support/errorOf.ts";

vi.mock(import("../../../components/pgbouncer/pendingLogins.ts"), async (original) => ({
  ...(await original()),
  untilNoneLogsInAnywhere: async () => undefined,
}));

let engine: FakeEngine;
const act = vi.fn(async () => "done");
const pooler = (docker: string) => ({
  ...{ docker, container: "pgbouncer-1", host: "127.0.0.1", port: 6432, authority: "" },
});
const paused = (docker = engine.endpoint) =>
  withPausedPools({ poolers: { "pgbouncer-1": pooler(docker) }, poolerPasswords: [] }, act);

beforeEach(async () => {
  engine = await FakeEngine.start();
  act.mockClear();
});

afterEach(() => engine.stop());

describe("withPausedPools", () => {
  it("acts once PgBouncer holds its clients", async () => {
    engine.answerExec(0, (socket) => {
      socket.write(frame("stdout", "held\n"));
      socket.on("end", () => socket.end()).resume();
    });
    expect(await paused()).toMatchObject({ result: "done" });
  });

  it("does not act where the engine does not say whether PgBouncer runs", async () => {
    expect(await errorOf(paused("unix:///no/such.sock"))).toBeInstanceOf(EngineUnreachable);
    expect(act).not.toHaveBeenCalled();
  });

  it("does not act where a PgBouncer that runs cannot be paused", async () => {
    engine.answerExec(1, (socket) => socket.end(frame("stderr", "no such process\n")));
    const error = await errorOf(paused());
    expect(error).toBeInstanceOf(CommandFailed);
    expect(error!.message).toMatch(/^pause-pools in pgbouncer-1 failed with exit status 1: no such process/);
    expect(act).not.toHaveBeenCalled();
  });

  it("passes a PgBouncer over that goes away meanwhile", async () => {
    engine.answerExec(137, (socket) => {
      engine.runs = false;
      socket.end();
    });
    expect(await paused()).toMatchObject({ result: "done" });
  });
});

describe("drain", () => {
  const routers = (docker = engine.endpoint) => [{ docker, container: "haproxy-1" }];

  it("is told of an HAProxy that runs and does not drain", async () => {
    engine.answerExec(1, (socket) => socket.end());
    expect(await errorOf(drain("postgres-1", "reader", routers()))).toBeInstanceOf(CommandFailed);
    const unknown = drain("postgres-1", "reader", routers("unix:///no/such.sock"));
    expect(await errorOf(unknown)).toBeInstanceOf(EngineUnreachable);
  });

  it("lasts until its end is called", async () => {
    let ended = false;
    engine.answerExec(0, (socket) => {
      socket.write(frame("stdout", "draining\n"));
      socket.on("end", () => socket.end(() => (ended = true))).resume();
    });
    const end = await drain("postgres-1", "reader", routers());
    expect(ended).toBe(false);
    await end();
    expect(ended).toBe(true);
  });
});

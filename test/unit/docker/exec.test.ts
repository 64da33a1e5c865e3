import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  CommandFailed,
  EngineTimeout,
  EngineUnreachable,
  NotFound,
  NotRunning,
} from "../../../lib/docker/errors.ts";
import { exec, openExec } from "../../../lib/docker/exec.ts";
import { FakeEngine, frame } from "./fakeEngine.ts";
import { errorOf } from "../../support/errorOf.ts";

let engine: FakeEngine;
const address = () => ({ docker: engine.endpoint, container: "c-1" });

beforeEach(async () => {
  engine = await FakeEngine.start();
});

afterEach(() => engine.stop());

describe("a command in a container", () => {
  it("gives its standard output, without its standard error", async () => {
    engine.answerExec(0, (socket) => {
      socket.write(frame("stderr", "warning\n"));
      socket.end(Buffer.concat([frame("stdout", "one "), frame("stdout", "two")]));
    });
    expect(await exec(address(), ["words"])).toBe("one two");
  });

  it("fails with its status and standard error, and with nothing of its arguments or input", async () => {
    engine.answerExec(3, (socket) => socket.end(frame("stderr", "no such key\n")));
    const error = await errorOf(exec(address(), ["ask", "s3cret"], { input: "s3cret" }));
    expect(error).toBeInstanceOf(CommandFailed);
    expect(error).toMatchObject({ status: 3, complaint: "no such key" });
    expect(error!.message).toBe(
      `ask in c-1 failed with exit status 3: no such key (Docker engine ${engine.endpoint})`,
    );
  });

  it("is not begun where the container is not there, or does not run", async () => {
    engine.answerWith(404, { message: "No such container: c-1" });
    expect(await errorOf(exec(address(), ["true"]))).toBeInstanceOf(NotFound);
    engine.answerWith(409, { message: "Container c-1 is not running" });
    expect(await errorOf(exec(address(), ["true"]))).toBeInstanceOf(NotRunning);
  });

  it("that does not end in time is given up", async () => {
    engine.answerExec(0, () => undefined);
    const error = await errorOf(exec(address(), ["sleep"], { within: 200 }));
    expect(error).toBeInstanceOf(EngineTimeout);
    expect(error!.message).toContain("sleep in c-1: cannot reach the engine: no answer within 0.2 s");
  });

  it("that goes on after its connection has ended is waited for", async () => {
    let looks = 0;
    engine.answerExec(0, (socket) => socket.end(frame("stdout", "half")));
    const answer = engine.answer;
    engine.answer = (request, response, body) => {
      if (!request.url?.endsWith("/json") || ++looks > 3) return answer(request, response, body);
      response.writeHead(200).end('{"Running":true,"ExitCode":null}');
    };
    expect(await exec(address(), ["words"])).toBe("half");
    looks = -1_000_000;
    expect(await errorOf(exec(address(), ["words"], { within: 200 }))).toBeInstanceOf(EngineTimeout);
  });

  it("whose engine goes away has an unknown end", async () => {
    engine.answerExec(0, () => void engine.stop());
    expect(await errorOf(exec(address(), ["words"]))).toBeInstanceOf(EngineUnreachable);
  });
});

describe("a command that waits on its input", () => {
  it("tells its first line, and ends when its input does", async () => {
    const inputEnded = vi.fn();
    engine.answerExec(0, (socket: Socket) => {
      socket.write(frame("stdout", "held\n"));
      socket.on("end", () => {
        inputEnded();
        socket.end();
      });
      socket.resume();
    });
    const command = openExec(address(), ["hold"]);
    expect(await command.firstLine).toBe("held");
    expect(inputEnded).not.toHaveBeenCalled();
    await command.close();
    expect(inputEnded).toHaveBeenCalledOnce();
  });

  it.each([0, 1])("has no first line where it ends with status %i without one", async (status) => {
    engine.answerExec(status, (socket) => socket.end(frame("stderr", "refused\n")));
    const command = openExec(address(), ["hold"]);
    expect(await errorOf(command.firstLine)).toMatchObject({
      name: "CommandFailed",
      status,
      complaint: "refused",
    });
    await command.close();
  });

  it("has an undefined one where the container does not run any more", async () => {
    engine.answerExec(137, (socket) => socket.end());
    engine.runs = false;
    const command = openExec(address(), ["hold"]);
    expect(await command.firstLine).toBeUndefined();
    await command.close();
  });

  it("has none where there is no engine", async () => {
    const command = openExec({ docker: "unix:///no/such.sock", container: "c-1" }, ["hold"]);
    expect(await errorOf(command.firstLine)).toBeInstanceOf(EngineUnreachable);
    await command.close();
  });
});

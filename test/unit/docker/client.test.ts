import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ask, pathOf, send } from "../../../lib/docker/client.ts";
import { inspectContainer, running, signalContainer } from "../../../lib/docker/containers.ts";
import {
  Conflict,
  DockerError,
  EngineTimeout,
  EngineUnreachable,
  NotFound,
  NotRunning,
} from "../../../lib/docker/errors.ts";
import { FakeEngine } from "./fakeEngine.ts";
import { errorOf } from "../../support/errorOf.ts";

let engine: FakeEngine;
const address = () => ({ docker: engine.endpoint, container: "c-1" });

beforeEach(async () => {
  engine = await FakeEngine.start();
});

afterEach(() => engine.stop());

describe("a container that is not there", () => {
  it("is undefined to an inspection, and does not run", async () => {
    engine.answerWith(404, { message: "No such container: c-1" });
    expect(await inspectContainer(address())).toBeUndefined();
    expect(await running([address()])).toEqual([]);
  });

  it("is an error of its own to any other request", async () => {
    engine.answerWith(404, { message: "No such container: c-1" });
    const error = await errorOf(signalContainer(address(), "HUP"));
    expect(error).toBeInstanceOf(NotFound);
    expect(error!.message).toBe(`No such container: c-1 (Docker engine ${engine.endpoint})`);
  });
});

describe("an engine that cannot be reached", () => {
  it.each([
    ["there is no socket", "unix:///no/such.sock", "ENOENT"],
    ["nothing listens at the port", "tcp://127.0.0.1:1", "ECONNREFUSED"],
  ])("where %s, says nothing of whether a container runs", async (_why, docker, code) => {
    const error = await errorOf(running([{ docker, container: "c-1" }]));
    expect(error).toBeInstanceOf(EngineUnreachable);
    expect(error).toMatchObject({ code, endpoint: docker });
    expect(error!.message).toMatch(
      /^GET \/containers\/c-1\/json: cannot reach the engine: .*\(Docker engine /,
    );
  });

  it("is named whatever DOCKER_HOST names", async () => {
    process.env["DOCKER_HOST"] = "tcp://127.0.0.1:1";
    try {
      engine.answerWith(200, { State: { Running: true } });
      expect(await running([address()])).toEqual([address()]);
    } finally {
      delete process.env["DOCKER_HOST"];
    }
  });

  it("in the middle of its answer is unreachable too", async () => {
    engine.answer = (_request, response) => {
      response.writeHead(200, { "Content-Length": 100 }).write('{"State":', () => response.destroy());
    };
    expect(await errorOf(inspectContainer(address()))).toBeInstanceOf(EngineUnreachable);
  });
});

describe("an engine that hangs", () => {
  const words = (call: string) => `${call}: cannot reach the engine: no answer within 0.1 s (Docker engine `;

  it("is given up at the limit, with what was asked", async () => {
    engine.answer = () => undefined;
    const error = await errorOf(ask(engine.endpoint, { path: pathOf`/volumes/${"a b"}`, within: 100 }));
    expect(error).toBeInstanceOf(EngineTimeout);
    expect(error!.message).toBe(`${words("GET /volumes/a%20b")}${engine.endpoint})`);
  });

  it("is given up in the middle of its answer", async () => {
    engine.answer = (_request, response) => void response.writeHead(200).write('{"State":');
    const error = await errorOf(ask(engine.endpoint, { path: "/info", within: 100 }));
    expect(error).toBeInstanceOf(EngineTimeout);
  });

  it("is given up where nobody accepts the connection's words", async () => {
    const silent: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const docker = `tcp://127.0.0.1:${(silent.address() as { port: number }).port}`;
    try {
      expect(await errorOf(ask(docker, { path: "/info", within: 100 }))).toBeInstanceOf(EngineTimeout);
    } finally {
      silent.close();
    }
  });
});

describe("what an engine refuses", () => {
  it("by the state of things is a conflict", async () => {
    engine.answerWith(409, { message: "Container c-1 is not running" });
    expect(await errorOf(ask(engine.endpoint, { path: "/x" }))).toBeInstanceOf(Conflict);
    expect(await errorOf(signalContainer(address(), "HUP"))).toBeInstanceOf(NotRunning);
  });

  it("is told in its words, and in no other class", async () => {
    engine.answerWith(500, { message: "no space left on device" });
    const error = await errorOf(inspectContainer(address()));
    expect(error!.constructor).toBe(DockerError);
    expect(error!.message).toContain("no space left on device");
  });

  it("is told where it is no JSON, or nothing", async () => {
    engine.answer = (_request, response) => response.writeHead(400).end("Client sent an HTTP request");
    expect((await errorOf(ask(engine.endpoint, { path: "/x" })))!.message).toContain("Client sent");
    engine.answer = (_request, response) => response.writeHead(502).end();
    expect((await errorOf(ask(engine.endpoint, { path: "/x" })))!.message).toContain("status 502");
  });

  it("shows nothing of what was sent", async () => {
    engine.answerWith(400, { message: "invalid" });
    const call = { method: "POST" as const, path: "/x", query: { q: "s3cret" }, body: { Env: ["s3cret"] } };
    const error = (await errorOf(ask(engine.endpoint, call)))!;
    expect(JSON.stringify([error.message, error.stack, error])).not.toContain("s3cret");
  });
});

it("sends queries, JSON and archives as the Engine API takes them", async () => {
  engine.answerWith(200, {});
  const post = { method: "POST" as const, path: "/x" };
  await ask(engine.endpoint, { ...post, query: { all: true, filters: { name: ["^a$"] } } });
  await ask(engine.endpoint, { ...post, body: { Cmd: ["a"] } });
  await ask(engine.endpoint, {
    method: "PUT",
    path: "/y",
    query: { path: "/run" },
    body: Buffer.from("tar"),
  });
  expect(engine.asked).toEqual([
    `POST /x?all=true&filters=${encodeURIComponent('{"name":["^a$"]}')}`,
    "POST /x",
    "PUT /y?path=%2Frun",
  ]);
  expect(engine.bodies.map(String)).toEqual(["", '{"Cmd":["a"]}', "tar"]);
});

it("hands over an answer as it comes", async () => {
  engine.answer = (_request, response) => response.writeHead(200).end("one\ntwo\n");
  const lines = await send(engine.endpoint, { path: "/events" }, async (body) => {
    const chunks: string[] = [];
    for await (const chunk of body) chunks.push(String(chunk));
    return chunks.join("").split("\n");
  });
  expect(lines).toEqual(["one", "two", ""]);
});

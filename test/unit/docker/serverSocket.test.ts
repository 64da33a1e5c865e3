import { expect, it } from "vitest";
import {
  CommandFailed,
  EngineTimeout,
  EngineUnreachable,
  NotFound,
  NotRunning,
} from "../../../lib/docker/errors.ts";
import { asOfNetwork } from "../../../lib/docker/serverSocket.ts";

const ENGINE = "unix:///var/run/docker.sock";
const unreachable = (code: string) =>
  new EngineUnreachable(ENGINE, "POST /x", Object.assign(new Error(`connect ${code}`), { code }));
const failed = (status: number, complaint: string) =>
  new CommandFailed(ENGINE, "c-1", "socket-proxy", status, complaint);

it.each([
  new NotFound(ENGINE, "No such container: c-1"),
  new NotRunning(ENGINE, "Container 1f is not running"),
  new NotRunning(ENGINE, "Container 1f is paused, unpause the container before exec"),
  unreachable("ENOENT"),
  unreachable("ECONNREFUSED"),
  new EngineTimeout(ENGINE, "POST /x", 30_000),
  failed(1, "no server at /run/postgresql/.s.PGSQL.5432: Connection refused"),
])("may be tried again where the engine says: $message", (cause) => {
  const error = asOfNetwork("c-1", cause, false);
  expect(error).toMatchObject({ code: "ECONNREFUSED", cause });
  const said = cause instanceof CommandFailed ? cause.complaint : cause.message;
  expect(error.message).toBe(`c-1: ${said}`);
});

it.each([
  failed(126, 'exec: "socket-proxy": executable file not found in $PATH'),
  unreachable("EACCES"),
  failed(1, "Traceback (most recent call last)"),
])("is not mended by waiting: $message", (cause) => {
  expect(asOfNetwork("c-1", cause, false)).not.toHaveProperty("code");
});

it("tells a session that breaks from one that cannot begin", () => {
  expect(asOfNetwork("c-1", failed(137, ""), true)).toMatchObject({ code: "ECONNRESET" });
  expect(asOfNetwork("c-1", unreachable("EPIPE"), true)).toMatchObject({ code: "ECONNRESET" });
});
